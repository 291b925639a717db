CREATE OR REPLACE FUNCTION pms.plan_fills(messages jsonb[])
RETURNS SETOF pms.outcome
LANGUAGE sql
STABLE
AS $$
WITH read AS (
    SELECT ARRAY(SELECT e FROM pms.parse_order_events(plan_fills.messages, TRUE) e) AS events
),

misdirected AS (
    SELECT m.*
    FROM read r
    CROSS JOIN LATERAL unnest(pms.misdirected_orders(r.events, plan_fills.messages)) m
)

SELECT m.ordinal, m.outcome, m.reason, m.detail, m.trace_id
FROM misdirected m
UNION ALL
SELECT c.ordinal, coalesce(c.outcome, 'applied'), c.reason, c.detail, c.trace_id
FROM read r
CROSS JOIN LATERAL unnest(pms.classify_order_events(pms.refuse_archived(r.events))) c
WHERE c.ordinal NOT IN (SELECT m.ordinal FROM misdirected m)
ORDER BY 1
$$;

COMMENT ON FUNCTION pms.plan_fills IS
'What pms.apply_order_events would answer to fills now; nothing is locked or written.';

CREATE OR REPLACE FUNCTION api.import_fills(
    fills jsonb,
    source text DEFAULT NULL,
    only_plan boolean DEFAULT FALSE
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    c_most CONSTANT integer := 50000;
    v_trace_id CONSTANT text := pms.trace_id();
    v_messages jsonb[];
    v_outcomes pms.outcome[];
    v_counts jsonb;
BEGIN
    IF jsonb_typeof(fills) IS DISTINCT FROM 'array' OR jsonb_array_length(fills) > c_most THEN
        RETURN pms.validation_error(jsonb_build_object(
            'fills', format('must be an array of at most %s fills', c_most)
        ));
    END IF;

    v_messages := ARRAY(
        SELECT CASE jsonb_typeof(f.item)
            WHEN 'object'
                THEN jsonb_build_object('trace_id', v_trace_id)
                    || (f.item - 'order')
                    || '{"event_type": "order_executed"}'
            ELSE f.item
        END
        FROM jsonb_array_elements(fills) WITH ORDINALITY f (item, place)
        ORDER BY f.place
    );

    IF only_plan THEN
        v_outcomes := ARRAY(SELECT o FROM pms.plan_fills(v_messages) o);
    ELSE
        v_outcomes := ARRAY(SELECT o FROM pms.apply_order_events(v_messages, 'api') o);
    END IF;

    SELECT coalesce(jsonb_object_agg(c.outcome, c.fills ORDER BY c.outcome), '{}')
    INTO v_counts
    FROM (
        SELECT o.outcome, count(*) AS fills FROM unnest(v_outcomes) o GROUP BY o.outcome
    ) c;

    IF NOT only_plan THEN
        PERFORM pms.audit_command(
            'import_fills',
            jsonb_build_object('source', source, 'fills', jsonb_array_length(fills)),
            outcome => coalesce(
                (
                    SELECT string_agg(c.outcome || ' ' || c.fills, ', ' ORDER BY c.outcome)
                    FROM jsonb_each_text(v_counts) c (outcome, fills)
                ),
                'done'
            )
        );
    END IF;

    RETURN jsonb_build_object(
        'counts', v_counts,
        'rejected', (
            SELECT coalesce(jsonb_agg(pms.outcome_json(o) ORDER BY o.ordinal), '[]')
            FROM unnest(v_outcomes) o
            WHERE o.outcome NOT IN ('applied', 'duplicate')
        )
    );
END
$$;

COMMENT ON FUNCTION api.import_fills IS $$Import a part of a file of fills

fills: at most 50000 objects with the fields of an execution, see api.record_fills; a fill without
account is of main. They are applied as messages of the queue are, in one transaction. source: the
name of the file, for the audit log. only_plan: say what would become of them, and write nothing; a
fill that comes twice in different parts is planned twice. Answers {counts, rejected}: how many
fills had each outcome, and those that were neither applied nor duplicates, with their ordinal in
fills, reason and detail. Sort fills by position and time: each part then changes few positions, and
replays one whose ledger goes on after it once. Safe to repeat.

Refuses with:
- 400 VALIDATION_ERROR when fills is no array of at most 50000 fills$$;

GRANT EXECUTE ON FUNCTION api.import_fills TO pms_operator;
