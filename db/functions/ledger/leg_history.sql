CREATE OR REPLACE FUNCTION pms.leg_history(
    account text,
    asset text,
    mode text,
    leg text,
    since timestamptz,
    until timestamptz DEFAULT 'infinity',
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS SETOF pms.leg_moment
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    held pms.checkpoints;
BEGIN
    SELECT c.*
    INTO held
    FROM pms.checkpoints c
    WHERE c.account = leg_history.account
        AND c.asset = leg_history.asset
        AND c.mode = leg_history.mode
        AND c.leg = leg_history.leg
        AND c.executed_at < leg_history.since
        AND c.known_from <= leg_history.known_at
        AND (c.known_to > leg_history.known_at OR c.known_to = 'infinity')
    ORDER BY c.executed_at DESC, c.entry_id DESC
    LIMIT 1;

    IF NOT FOUND THEN
        SELECT pms.empty_leg(i.multiplier, i.kind)
        INTO held.state
        FROM pms.instruments i
        WHERE i.asset = leg_history.asset;

        held.executed_at := '-infinity';
        held.entry_id := 0;
        held.ordinal := 0;
    END IF;

    RETURN QUERY
    SELECT
        h.id,
        nullif(h.executed_at, '-infinity'),
        h.recorded_at,
        h.version,
        held.ordinal - 1 + row_number() OVER place,
        max(h.version) OVER place,
        max(h.recorded_at) OVER place,
        pms.fold(
            h.seed, h.kind, h.quantity, h.price, h.fee, h.amount, h.realized, h.executed_at
        ) OVER place
    FROM (
        SELECT
            NULL::bigint AS id, held.executed_at, held.recorded_at, held.version,
            held.state AS seed, NULL AS kind, NULL::numeric AS quantity, NULL::numeric AS price,
            NULL::numeric AS fee, NULL::numeric AS amount, NULL::numeric AS realized
        UNION ALL
        SELECT
            e.id, e.executed_at, e.recorded_at, e.version,
            NULL, e.kind, e.quantity, e.price,
            e.fee, e.amount, e.realized
        FROM pms.entries e
        WHERE e.account = leg_history.account
            AND e.asset = leg_history.asset
            AND e.mode = leg_history.mode
            AND e.leg = leg_history.leg
            AND (e.executed_at, e.id) > (held.executed_at, held.entry_id)
            AND e.executed_at <= leg_history.until
            AND e.recorded_at <= leg_history.known_at
            AND NOT EXISTS (
                SELECT 1
                FROM pms.voids v
                WHERE v.account = e.account
                    AND v.entry_id = e.id
                    AND v.recorded_at <= leg_history.known_at
            )
    ) h
    WINDOW place AS (
        ORDER BY h.executed_at, h.id NULLS FIRST ROWS UNBOUNDED PRECEDING
    );
END
$$;

COMMENT ON FUNCTION pms.leg_history IS $$A leg after each of its entries, in the order of events

From the last checkpoint before `since` on, through the entries of event time up to `until`, as it
was known at `known_at`. The first row is what it starts from (entry_id null), so that there always
is a last row. Whoever needs the past of a leg reads it here: late entries, as-of, explanation,
cycles. Raises class 22 when an entry cannot be valued.$$;
