-- Deploy position_manager:functions/api/closed_cycles to pg
-- requires: functions/pms/asked_account
-- requires: functions/pms/leg_cycles
-- requires: functions/pms/position_legs

BEGIN;

CREATE OR REPLACE FUNCTION api.closed_cycles(
    asset text,
    mode text DEFAULT 'one-way',
    account text DEFAULT NULL,
    from_time timestamptz DEFAULT NULL,
    to_time timestamptz DEFAULT 'infinity'
)
RETURNS SETOF pms.leg_cycle
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_account text := pms.asked_account(closed_cycles.account);
    v_mode text := lower(closed_cycles.mode);
BEGIN
    IF (v_mode IN ('one-way', 'hedge')) IS NOT TRUE THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'unknown mode',
            DETAIL = format('mode is %L', closed_cycles.mode),
            HINT = 'A mode is one-way or hedge.';
    END IF;

    RETURN QUERY
    SELECT c.*
    FROM pms.position_legs(v_mode) k
    CROSS JOIN LATERAL pms.leg_cycles(
        v_account, upper(closed_cycles.asset), v_mode, k.leg,
        coalesce(
            closed_cycles.from_time,
            least(closed_cycles.to_time, now()) - INTERVAL '30 days'
        ),
        coalesce(closed_cycles.to_time, 'infinity')
    ) c
    ORDER BY c.closed_at DESC, c.closing_entry_id DESC;
END
$$;

COMMENT ON FUNCTION api.closed_cycles IS $$Show the closed cycles of a position, newest first

A cycle is a leg from flat to flat; a flip ends one and begins the next, and shares its fee between
them. Those that closed from from_time (default: 30 days before to_time, or before now) to to_time,
inclusive. direction: long or short; average_entry_price: of all that opened,
average_exit_price: of all that closed; peak_size, quantity_traded: unsigned; realized: gross;
net_pnl = realized - fees_paid + funding. mae and mfe: the worst and the best that realised and
unrealised together came to since the cycle began at 0, before fees and funding, by the kept prices
(in a minute in which the leg had an entry: by its first and last); null when there was none.
Amounts are in the settlement currency. No rows: nothing closed then.

Refuses with:
- 400 `unknown mode`
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.closed_cycles TO pms_reader, pms_trader, pms_operator, pms_analyst;

COMMIT;
