CREATE OR REPLACE FUNCTION api.import_positions(
    positions jsonb,
    account text DEFAULT 'main',
    only_plan boolean DEFAULT FALSE
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_legs pms.imported_leg[];
    v_changed pms.changed_leg[];
BEGIN
    IF jsonb_typeof(positions) IS DISTINCT FROM 'array' OR jsonb_array_length(positions) > 10000 THEN
        RETURN pms.validation_error(
            '{"positions": "must be an array of at most 10000 rows"}'
        );
    END IF;

    IF only_plan THEN
        v_legs := ARRAY(SELECT l FROM pms.plan_import(positions, import_positions.account) l);
    ELSE
        SELECT i.legs, i.changed
        INTO v_legs, v_changed
        FROM pms.import_positions(positions, import_positions.account, pms.trace_id()) i;

        PERFORM pms.finish_entries(v_changed, 'api');
        PERFORM pms.audit_command(
            'import_positions', jsonb_build_object('account', account, 'positions', positions)
        );
    END IF;

    RETURN jsonb_build_object(
        'counts', (
            SELECT coalesce(jsonb_object_agg(c.outcome, c.legs), '{}')
            FROM (
                SELECT l.outcome, count(*) AS legs FROM unnest(v_legs) l GROUP BY l.outcome
            ) c
        ),
        'legs', (
            SELECT coalesce(jsonb_agg(
                jsonb_build_object(
                    'row', l.ordinal,
                    'account', l.account,
                    'asset', l.asset,
                    'mode', l.mode,
                    'leg', l.leg,
                    'size', pms.decimal_text(l.size),
                    'average_entry_price', pms.decimal_text(l.average_price),
                    'realized_pnl', pms.decimal_text(l.realized),
                    'current_price', pms.decimal_text(l.current_price),
                    'executed_at', pms.time_text(l.executed_at),
                    'outcome', l.outcome,
                    'detail', l.detail
                )
                ORDER BY l.ordinal
            ), '[]')
            FROM unnest(v_legs) l
        )
    );
END
$$;

COMMENT ON FUNCTION api.import_positions IS
$$Import the rows of an older positions table as opening entries

positions: rows with the columns asset, mode, size, average_entry_price, current_price,
realized_pnl, long_size, short_size, last_updated, closed_at; of these asset and size must be.
account: for rows that name none. only_plan: return the plan and write nothing. Answers
{counts, legs}: of each row what became of it: applied, duplicate (imported before), ignored or
rejected with the reason in detail. A leg that has entries is left alone. Safe to repeat.

Refuses with:
- 400 VALIDATION_ERROR when positions is no array of at most 10000 rows$$;

GRANT EXECUTE ON FUNCTION api.import_positions TO pms_operator;
