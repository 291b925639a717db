CREATE OR REPLACE FUNCTION pms.resolve_amendments(
    events pms.amendment_event[],
    incoming pms.ledger_entries[]
)
RETURNS pms.amendment_event[]
LANGUAGE sql
STABLE
AS $$
SELECT array_agg((
    e.ordinal,
    CASE WHEN f.fills > 1 THEN 'rejected' ELSE e.outcome END,
    CASE WHEN f.fills > 1 THEN 'ambiguous_identity' ELSE e.reason END,
    CASE
        WHEN f.fills > 1
            THEN format('execution_id: %s fills have it; add %s', f.fills, f.differences)
        ELSE e.detail
    END,
    e.trace_id, e.account,
    CASE
        WHEN e.cause = 'correction' OR NOT e.named_by_id THEN e.identity
        WHEN f.fills = 1 THEN 'bust:' || f.identity
        -- It waits: another fill with this id may be busted as well.
        ELSE e.identity || coalesce(
            '?' || nullif(
                concat_ws('&', e.named_asset, e.named_leg, e.named_side, e.named_order), ''
            ),
            ''
        )
    END,
    coalesce(f.identity, e.amends),
    e.cause, e.side, e.quantity, e.price, e.fee, e.fee_currency, e.executed_at, e.amended_at,
    e.named_by_id AND f.identity IS NULL,
    e.named_asset, e.named_leg, e.named_side, e.named_order
)::pms.amendment_event ORDER BY e.ordinal)
FROM unnest(resolve_amendments.events) e
CROSS JOIN LATERAL (
    SELECT
        count(*) AS fills,
        CASE WHEN count(*) = 1 THEN min(c.identity) END AS identity,
        concat_ws(
            ' or ',
            CASE WHEN min(c.asset) <> max(c.asset) THEN 'asset' END,
            CASE WHEN min(c.leg) <> max(c.leg) THEN 'position_side' END,
            CASE WHEN min(c.side) <> max(c.side) THEN 'side' END,
            CASE WHEN count(DISTINCT c.order_id) > 1 THEN 'order_id' END,
            'identity'
        ) AS differences
    FROM (
        SELECT
            n.*,
            -- Of fills on both sides a correction names the one whose side it does not change.
            bool_or(n.side = e.side) OVER () AS has_side
        FROM (
            SELECT
                u.identity, u.asset, u.leg, u.order_id,
                CASE WHEN u.quantity > 0 THEN 'buy' ELSE 'sell' END AS side
            FROM (
                SELECT x.identity, x.asset, x.leg, x.order_id, x.quantity
                FROM pms.entries_of_identity(e.account, e.amends) x
                UNION ALL
                SELECT i.identity, i.asset, i.leg, i.order_id, i.quantity
                FROM unnest(resolve_amendments.incoming) i
                WHERE i.account = e.account
                    AND pms.bare_identity(i.identity) = e.amends
            ) u
            WHERE e.named_by_id
                AND e.outcome IS NULL
                AND pms.amendment_fits(
                    e.cause, e.named_asset, e.named_leg, e.named_side, e.named_order,
                    u.asset, u.leg, u.quantity, u.order_id
                )
        ) n
    ) c
    WHERE c.has_side IS NOT TRUE
        OR c.side = e.side
) f
$$;

COMMENT ON FUNCTION pms.resolve_amendments IS
$$Busts and corrections with the identities of the fills that they name by an execution id

One that several fills fit is rejected; one that none fits waits.$$;

CREATE OR REPLACE FUNCTION pms.same_busts(bust pms.amendment_event)
RETURNS SETOF pms.amendments
LANGUAGE sql
STABLE
AS $$
SELECT a.*
FROM pms.amendments a
WHERE a.account = bust.account
    AND a.amends = bust.amends
    AND a.cause = 'bust'
    AND bust.cause = 'bust'
    AND a.identity <> bust.identity
    AND a.applied_at IS NOT NULL
    AND bust.named_by_id IS NOT TRUE
$$;

COMMENT ON FUNCTION pms.same_busts IS
'Busts of the same fill that named it in another way before it came.';

CREATE OR REPLACE FUNCTION pms.record_amendments(
    events pms.amendment_event[],
    incoming pms.ledger_entries[],
    recorded_at timestamptz,
    source text
)
RETURNS SETOF pms.amendment_event
LANGUAGE sql
AS $$
WITH first AS (
    SELECT DISTINCT ON (e.account, e.identity) e.*
    FROM unnest(record_amendments.events) e
    WHERE e.outcome IS NULL
    ORDER BY e.account, e.identity, e.ordinal
),

taken AS (
    INSERT INTO pms.amendments (
        account, identity, amends, cause, side, quantity, price, fee, fee_currency, executed_at,
        amended_at, recorded_at, source, trace_id, named_asset, named_leg, named_side, named_order
    )
    SELECT
        f.account, f.identity, f.amends, f.cause, f.side, f.quantity, f.price, f.fee,
        f.fee_currency, f.executed_at, coalesce(f.amended_at, record_amendments.recorded_at),
        record_amendments.recorded_at, record_amendments.source, f.trace_id,
        CASE WHEN f.named_by_id THEN f.named_asset END,
        CASE WHEN f.named_by_id THEN f.named_leg END,
        CASE WHEN f.named_by_id THEN f.named_side END,
        CASE WHEN f.named_by_id THEN f.named_order END
    FROM first f
    WHERE NOT EXISTS (SELECT 1 FROM pms.same_busts(f) s)
    ON CONFLICT ON CONSTRAINT amendments_pkey DO NOTHING
),

compared AS (
    SELECT
        e.*,
        a.identity IS NULL AND e.ordinal = f.ordinal
        AND NOT EXISTS (SELECT 1 FROM pms.same_busts(e) s) AS is_new,
        -- Once several fills have the id that it names, it is resolved to the one it fits.
        e.cause = 'correction' AND (
            pms.bare_identity(e.amends), e.side, e.quantity, e.price, e.fee, e.fee_currency,
            e.executed_at, e.amended_at
        ) IS DISTINCT FROM CASE
            WHEN a.identity IS NULL
                THEN (
                    pms.bare_identity(f.amends), f.side, f.quantity, f.price, f.fee,
                    f.fee_currency, f.executed_at, f.amended_at
                )
            ELSE (
                pms.bare_identity(a.amends), a.side, a.quantity, a.price, a.fee,
                a.fee_currency, a.executed_at, a.amended_at
            )
        END AS is_other,
        e.named_by_id IS NOT TRUE AND (
            EXISTS (
                SELECT 1 FROM pms.find_entry(e.account, e.amends)
            )
            OR (e.account, e.amends) IN (
                SELECT n.account, n.identity FROM unnest(record_amendments.incoming) n
            )
        ) AS has_entry
    FROM unnest(record_amendments.events) e
    LEFT JOIN first f ON e.account = f.account AND e.identity = f.identity
    -- As they were before: a statement does not see what it writes.
    LEFT JOIN pms.amendments a ON e.account = a.account AND e.identity = a.identity
)

SELECT
    c.ordinal,
    CASE
        WHEN c.outcome IS NOT NULL THEN c.outcome
        WHEN c.is_new THEN 'applied'
        WHEN c.is_other THEN 'rejected'
        ELSE 'duplicate'
    END,
    CASE
        WHEN c.outcome IS NOT NULL THEN c.reason
        WHEN c.is_new THEN CASE WHEN NOT c.has_entry THEN 'pending_fill' END
        WHEN c.is_other THEN 'identity_conflict'
    END,
    CASE
        WHEN c.outcome IS NOT NULL THEN c.detail
        WHEN c.is_new THEN CASE WHEN NOT c.has_entry THEN c.amends || ': not recorded yet' END
        WHEN c.is_other THEN pms.conflict_detail(c.identity)
    END,
    c.trace_id, c.account, c.identity, c.amends, c.cause, c.side, c.quantity, c.price, c.fee,
    c.fee_currency, c.executed_at, c.amended_at, c.named_by_id, c.named_asset, c.named_leg,
    c.named_side, c.named_order
FROM compared c
$$;

COMMENT ON FUNCTION pms.record_amendments IS $$Take note of busts and corrections; one outcome each

pms.apply_amendments applies them to the ledger. The same one again is a duplicate; the same
identity with other content is rejected. One whose entry is neither recorded nor incoming waits for
it. Call it with the table of amendments locked.$$;

CREATE OR REPLACE FUNCTION pms.legs_of_pending_amendments(keys pms.leg_key[])
RETURNS pms.leg_key[]
LANGUAGE sql
STABLE
AS $$
SELECT ARRAY(
    SELECT (v.account, v.asset, v.mode, v.leg)::pms.leg_key
    FROM (SELECT DISTINCT u.account, u.asset FROM unnest(legs_of_pending_amendments.keys) u) k
    INNER JOIN pms.reviews v ON k.account = v.account AND k.asset = v.asset
    WHERE v.code = 'pending_fill'
)
$$;

COMMENT ON FUNCTION pms.legs_of_pending_amendments IS
$$The legs that are flagged for a bust or a correction that may name a fill of these legs

The message may have named all legs of the asset, and the fill is of one.$$;

CREATE OR REPLACE FUNCTION pms.review_pending_amendments(
    events pms.amendment_event[],
    keys pms.leg_key[]
)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_pending CONSTANT pms.review[] := ARRAY(
        SELECT (
            k.account, k.asset, k.mode, k.leg, 'pending_fill', e.identity, e.detail
        )::pms.review
        FROM unnest(events) e
        INNER JOIN pms.legs_named_by_amendments(events) n ON e.ordinal = n.ordinal
        CROSS JOIN LATERAL unnest(pms.existing_legs(ARRAY[n.leg])) k
        WHERE e.reason = 'pending_fill'
            AND EXISTS (
                SELECT 1
                FROM pms.amendments a
                WHERE a.account = e.account
                    AND a.identity = e.identity
                    AND a.applied_at IS NULL
            )
    );
    v_settled CONSTANT pms.review[] := ARRAY(
        SELECT (v.account, v.asset, v.mode, v.leg, v.code, v.source, NULL)::pms.review
        FROM unnest(keys) k
        INNER JOIN pms.reviews v
            ON (k.account, k.asset, k.mode, k.leg) = (v.account, v.asset, v.mode, v.leg)
        WHERE v.code = 'pending_fill'
            AND NOT EXISTS (
                SELECT 1
                FROM pms.amendments a
                WHERE a.account = v.account
                    AND a.identity = v.source
                    AND a.applied_at IS NULL
            )
    );
BEGIN
    IF v_pending <> '{}' THEN
        PERFORM pms.raise_reviews(v_pending);
    END IF;

    IF v_settled <> '{}' THEN
        PERFORM pms.settle_reviews(v_settled);
    END IF;
END
$$;

COMMENT ON FUNCTION pms.review_pending_amendments IS
$$Flag the legs that busts and corrections without their fill name, and settle others

events: as recorded. keys: the legs that are locked.$$;
