CREATE OR REPLACE FUNCTION pms.misdirected_orders(events pms.order_event[], messages jsonb[])
RETURNS pms.outcome[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_of_all integer[];
    v_ordinals integer[];
    v_accounts text[];
    v_trace_ids text[];
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pms.shard) THEN
        RETURN ARRAY[]::pms.outcome[];
    END IF;

    -- A corporate action is of all accounts, and comes to all shards.
    v_of_all := pms.corporate_action_ordinals(messages, ARRAY(
        SELECT e.ordinal FROM unnest(events) e WHERE e.outcome = 'deferred'
    ));
    SELECT array_agg(e.ordinal), array_agg(e.account), array_agg(e.trace_id)
    INTO v_ordinals, v_accounts, v_trace_ids
    FROM unnest(events) e
    WHERE e.ordinal <> ALL (v_of_all);

    RETURN pms.misdirected(v_ordinals, v_accounts, v_trace_ids);
END
$$;

COMMENT ON FUNCTION pms.misdirected_orders IS
$$The outcomes of order events whose accounts another shard has: see pms.misdirected

events: as pms.parse_order_events returns them for messages. Also of one that would be rejected:
that is for the shard that has the account to say. Without a map, one look into an empty table.$$;

CREATE OR REPLACE FUNCTION pms.misdirected_reports(reports pms.venue_report[])
RETURNS pms.outcome[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_ordinals integer[];
    v_accounts text[];
    v_trace_ids text[];
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pms.shard) THEN
        RETURN ARRAY[]::pms.outcome[];
    END IF;

    SELECT array_agg(r.ordinal), array_agg(r.account), array_agg(r.trace_id)
    INTO v_ordinals, v_accounts, v_trace_ids
    FROM unnest(reports) r;

    RETURN pms.misdirected(v_ordinals, v_accounts, v_trace_ids);
END
$$;

COMMENT ON FUNCTION pms.misdirected_reports IS
'The outcomes of reports of the venue whose accounts another shard has: see pms.misdirected.';

CREATE OR REPLACE FUNCTION pms.other_ordinals(outcomes pms.outcome[], messages integer)
RETURNS integer[]
LANGUAGE sql
IMMUTABLE
AS $$
SELECT ARRAY(
    SELECT n.ordinal
    FROM generate_series(1, other_ordinals.messages) n (ordinal)
    WHERE n.ordinal NOT IN (SELECT o.ordinal FROM unnest(other_ordinals.outcomes) o)
    ORDER BY n.ordinal
)
$$;

COMMENT ON FUNCTION pms.other_ordinals IS
'Which messages of a batch have none of these outcomes; messages: how many there are.';
