CREATE OR REPLACE FUNCTION pms.amendment_fits(
    cause text,
    named_asset text,
    named_leg text,
    named_side text,
    named_order text,
    asset text,
    leg text,
    quantity numeric,
    order_id text
)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
RETURN (named_asset IS NULL OR named_asset = asset)
AND (named_leg IS NULL OR named_leg = leg)
AND (named_order IS NULL OR named_order = coalesce(order_id, named_order))
-- A correction may change the side.
AND (
    named_side IS NULL
    OR cause = 'correction'
    OR named_side = CASE WHEN quantity > 0 THEN 'buy' ELSE 'sell' END
);

COMMENT ON FUNCTION pms.amendment_fits IS
'Whether a fill with the execution id of a bust or correction may be the one that it names.';

CREATE OR REPLACE FUNCTION pms.name_waiting_amendments(incoming pms.ledger_entries[])
RETURNS void
LANGUAGE sql
AS $$
UPDATE pms.amendments a
SET amends = n.identity
FROM unnest(name_waiting_amendments.incoming) n
WHERE a.applied_at IS NULL
    AND a.account = n.account
    AND a.amends = pms.bare_identity(n.identity)
    AND a.amends <> n.identity
    AND num_nonnulls(a.named_asset, a.named_leg, a.named_side, a.named_order) > 0
    AND pms.amendment_fits(
        a.cause, a.named_asset, a.named_leg, a.named_side, a.named_order,
        n.asset, n.leg, n.quantity, n.order_id
    )
    AND NOT EXISTS (
        SELECT 1
        FROM unnest(name_waiting_amendments.incoming) b
        WHERE b.account = a.account
            AND b.identity = a.amends
            AND pms.amendment_fits(
                a.cause, a.named_asset, a.named_leg, a.named_side, a.named_order,
                b.asset, b.leg, b.quantity, b.order_id
            )
    );
$$;

COMMENT ON FUNCTION pms.name_waiting_amendments IS
$$Give busts and corrections that wait the identity of their fill

Their fill shares its execution id with others, so that it has another identity.$$;

CREATE OR REPLACE FUNCTION pms.amended_entries(
    account text,
    amends text,
    incoming pms.ledger_entries[]
)
RETURNS SETOF pms.ledger_entries
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT e.*
FROM pms.find_entry(amended_entries.account, amended_entries.amends) e
UNION ALL
SELECT n.*
FROM unnest(amended_entries.incoming) n
WHERE n.account = amended_entries.account
    AND n.identity = amended_entries.amends
$$;

COMMENT ON FUNCTION pms.amended_entries IS
'The entry that a bust or correction names, recorded or incoming; at most one.';

CREATE OR REPLACE FUNCTION pms.apply_amendments(
    incoming pms.ledger_entries[],
    identities text[],
    recorded_at timestamptz,
    source text,
    OUT corrections pms.ledger_entries[],
    OUT voids pms.entry_void[]
)
LANGUAGE sql
AS $$
SELECT pms.name_waiting_amendments(apply_amendments.incoming);

WITH due AS (
    UPDATE pms.amendments a
    SET applied_at = apply_amendments.recorded_at
    WHERE a.applied_at IS NULL
        AND a.amends = ANY(apply_amendments.identities)
        AND EXISTS (
            SELECT 1
            FROM pms.amended_entries(a.account, a.amends, apply_amendments.incoming) e
            WHERE pms.amendment_fits(
                a.cause, a.named_asset, a.named_leg, a.named_side, a.named_order,
                e.asset, e.leg, e.quantity, e.order_id
            )
        )
    RETURNING a.*
),

-- Amended entries with their result: a bust is final, else the newest correction counts.
family AS (
    SELECT
        d.account,
        d.amends,
        max(d.trace_id) AS trace_id,
        o.entry,
        s.bust,
        s.correction,
        CASE WHEN s.bust IS NULL THEN coalesce(s.correction, d.amends) END AS standing
    FROM due d
    CROSS JOIN LATERAL (
        SELECT e AS entry
        FROM pms.amended_entries(d.account, d.amends, apply_amendments.incoming) e
    ) o
    CROSS JOIN LATERAL (
        SELECT
            max(a.identity) FILTER (WHERE a.cause = 'bust') AS bust,
            (
                array_agg(a.identity ORDER BY a.amended_at DESC, a.identity DESC)
                FILTER (WHERE a.cause = 'correction')
            )[1] AS correction
        FROM pms.amendments a
        WHERE a.account = d.account
            AND a.amends = d.amends
            AND pms.amendment_fits(
                a.cause, a.named_asset, a.named_leg, a.named_side, a.named_order,
                (o.entry).asset, (o.entry).leg, (o.entry).quantity, (o.entry).order_id
            )
    ) s
    GROUP BY d.account, d.amends, o.entry, s.bust, s.correction
),

-- The entries of a family: the first, and one for each of its corrections.
member AS (
    SELECT f.account, f.amends, f.amends AS identity, (f.entry).executed_at AS executed_at
    FROM family f
    UNION ALL
    SELECT f.account, f.amends, a.identity, coalesce(a.executed_at, (f.entry).executed_at)
    FROM family f
    INNER JOIN pms.amendments a
        ON f.account = a.account AND f.amends = a.amends AND a.cause = 'correction'
    WHERE pms.amendment_fits(
        a.cause, a.named_asset, a.named_leg, a.named_side, a.named_order,
        (f.entry).asset, (f.entry).leg, (f.entry).quantity, (f.entry).order_id
    )
)

SELECT
    ARRAY(
        SELECT pms.new_entry(
            account => d.account,
            asset => (f.entry).asset,
            mode => (f.entry).mode,
            leg => (f.entry).leg,
            kind => (f.entry).kind,
            identity => d.identity,
            order_id => (f.entry).order_id,
            quantity => CASE
                WHEN d.side = 'buy' THEN q.quantity
                WHEN d.side = 'sell' THEN -q.quantity
                ELSE sign((f.entry).quantity) * q.quantity
            END,
            price => CASE
                WHEN (f.entry).kind = 'adjustment' THEN (f.entry).price
                ELSE coalesce(d.price, (f.entry).price)
            END,
            fee => coalesce(d.fee, (f.entry).fee_native, (f.entry).fee),
            fee_currency => coalesce(d.fee_currency, (f.entry).fee_currency),
            amount => CASE WHEN (f.entry).kind = 'adjustment' THEN (f.entry).amount END,
            amends => d.amends,
            cause => (f.entry).cause,
            book => (f.entry).book,
            executed_at => coalesce(d.executed_at, (f.entry).executed_at),
            recorded_at => apply_amendments.recorded_at,
            source => apply_amendments.source,
            trace_id => d.trace_id,
            -- The price that a person gives an adjustment is the one at which it closes.
            closing_price => CASE
                WHEN (f.entry).kind = 'adjustment' THEN coalesce(d.price, (f.entry).closing_price)
            END,
            closing_source => CASE
                WHEN (f.entry).kind <> 'adjustment' THEN NULL
                WHEN d.price IS NOT NULL THEN 'decision'
                ELSE (f.entry).closing_source
            END
        )
        FROM due d
        INNER JOIN family f ON d.account = f.account AND d.amends = f.amends
        CROSS JOIN LATERAL (
            SELECT coalesce(d.quantity, abs(pms.reported_quantity(f.entry))) AS quantity
        ) q
        WHERE d.cause = 'correction'
    ),
    ARRAY(
        SELECT (
            m.account, (f.entry).asset, (f.entry).mode, (f.entry).leg, m.executed_at, m.identity,
            CASE WHEN f.bust IS NULL THEN 'correction' ELSE 'bust' END,
            coalesce(f.bust, f.correction),
            apply_amendments.recorded_at, apply_amendments.source, f.trace_id
        )::pms.entry_void
        FROM member m
        INNER JOIN family f ON m.account = f.account AND m.amends = f.amends
        WHERE m.identity IS DISTINCT FROM f.standing
            AND NOT EXISTS (
                SELECT 1
                FROM pms.find_entry(m.account, m.identity) e
                INNER JOIN pms.voids v ON e.id = v.entry_id
            )
    )
$$;

COMMENT ON FUNCTION pms.apply_amendments IS $$What busts and corrections do to the ledger

Of the recorded amendments not yet applied, those that name one of identities, when its entry is
recorded or incoming.
Every correction becomes an entry; all entries of its family are voided but the one that stands:
none once it is busted, else the newest correction (amended_at, identity). So it ends alike, in
whatever order they come.$$;
