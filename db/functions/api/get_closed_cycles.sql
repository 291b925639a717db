-- Deploy position_manager:functions/api/get_closed_cycles to pg
-- requires: functions/api/closed_cycles
-- requires: functions/pms/asked_account
-- requires: functions/pms/leg_cycle_json
-- requires: functions/pms/read_arguments
-- requires: functions/pms/refused_arguments
-- requires: functions/pms/refused_position
-- requires: migrations/positions

BEGIN;

CREATE OR REPLACE FUNCTION api.get_closed_cycles(
    asset text DEFAULT NULL,
    mode text DEFAULT NULL,
    account text DEFAULT NULL,
    from_time text DEFAULT NULL,
    to_time text DEFAULT NULL,
    page_limit text DEFAULT NULL,
    page_offset text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.read_arguments(
        jsonb_build_object(
            'asset', asset,
            'mode', mode,
            'account', account,
            'from', from_time,
            'to', to_time,
            'limit', page_limit,
            'offset', page_offset
        ),
        '{asset}'
    );
    v_account text := pms.asked_account(asked.account);
    v_mode text := coalesce(asked.mode, 'one-way');
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.refused_arguments(asked.objections);
    END IF;

    IF NOT EXISTS (
        SELECT 1
        FROM pms.positions p
        WHERE p.account = v_account
            AND p.asset = asked.asset
            AND p.mode = v_mode
            AND p.version > 0
    ) THEN
        RETURN pms.refused_position(v_account, asked.asset, v_mode);
    END IF;

    RETURN (
        WITH found AS MATERIALIZED (
            SELECT c AS cycle
            FROM api.closed_cycles(
                asked.asset, v_mode, v_account, asked.from_time,
                coalesce(asked.to_time, 'infinity')
            ) c
        ),

        page AS (
            SELECT f.cycle
            FROM found f
            ORDER BY (f.cycle).closed_at DESC, (f.cycle).closing_entry_id DESC
            LIMIT coalesce(asked.page_limit, 100)
            OFFSET coalesce(asked.page_offset, 0)
        )

        SELECT jsonb_build_object(
            'cycles', coalesce(
                (
                    SELECT jsonb_agg(
                        pms.leg_cycle_json(g.cycle)
                        ORDER BY (g.cycle).closed_at DESC, (g.cycle).closing_entry_id DESC
                    )
                    FROM page g
                ),
                '[]'
            ),
            'count', (SELECT count(*) FROM found)
        )
    );
END
$$;

COMMENT ON FUNCTION api.get_closed_cycles IS $$List the closed cycles of a position, newest first

A cycle is a leg from flat to flat; see api.closed_cycles for the fields. from_time and to_time
bound closed_at, inclusive; without from_time: the 30 days before to_time, or before now. count is
of all that match, whatever the page. Without mode: one-way; without account: main; without
page_limit: 100.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when nothing was ever held there$$;

GRANT EXECUTE ON FUNCTION api.get_closed_cycles TO pms_reader, pms_trader, pms_operator;

COMMIT;
