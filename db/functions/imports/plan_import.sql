CREATE OR REPLACE FUNCTION pms.import_identity(leg pms.imported_leg)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN format('import:%s:%s:%s', (leg).mode, (leg).asset, (leg).leg);

COMMENT ON FUNCTION pms.import_identity IS
'What makes the opening of an imported leg the same one: a leg is imported once.';

CREATE OR REPLACE FUNCTION pms.parse_import_rows(positions jsonb, account text)
RETURNS SETOF pms.imported_leg
LANGUAGE sql
STABLE
AS $$
WITH literal AS (
    SELECT
        r.ordinal::integer AS ordinal,
        r.doc,
        pms.account_name(coalesce(r.doc ->> 'account', parse_import_rows.account)) AS account,
        (SELECT n.asset FROM pms.asset_of(r.doc ->> 'asset') n) AS asset,
        lower(btrim(coalesce(r.doc ->> 'mode', 'one-way'))) AS mode,
        coalesce(
            r.doc ->> 'last_updated', r.doc ->> 'closed_at', r.doc ->> 'created_at'
        ) AS executed_at
    FROM (
        SELECT pms.without_blanks(p.doc) AS doc, p.ordinal
        FROM jsonb_array_elements(parse_import_rows.positions) WITH ORDINALITY p (doc, ordinal)
    ) r
),

typed AS (
    SELECT
        l.*,
        pms.parse_decimal(l.doc ->> 'size') AS size,
        pms.parse_decimal(l.doc ->> 'long_size') AS long_size,
        pms.parse_decimal(l.doc ->> 'short_size') AS short_size,
        pms.parse_decimal(l.doc ->> 'average_entry_price') AS average_price,
        pms.parse_decimal(l.doc ->> 'current_price') AS current_price,
        pms.parse_decimal(coalesce(pms.unless_unset(l.doc ->> 'realized_pnl'), '0')) AS realized,
        pms.parse_time(l.executed_at) AS executed_at_read
    FROM literal l
),

-- Where a row does not name the legs of a hedge, the sign of its size does.
checked AS (
    SELECT
        h.*,
        coalesce(
            'account: ' || pms.check_account(coalesce(h.account, '')),
            'account: is on shard ' || pms.other_shard(h.account),
            'asset: ' || pms.check_asset(h.asset),
            'asset: ' || CASE
                WHEN (SELECT s.unknown_instruments = 'refuse' FROM pms.settings s)
                    THEN pms.check_defined(h.asset)
            END,
            'mode: ' || pms.check_mode(h.mode),
            CASE
                WHEN h.size IS NULL OR (h.size = 0 AND pms.has_more_places(h.doc ->> 'size'))
                    THEN 'size: missing, or no decimal of at most 18 fractional digits'
            END,
            'realized_pnl: ' || pms.check_decimal(h.realized),
            'last_updated: ' || pms.check_time(h.executed_at, h.executed_at_read),
            'last_updated: ' || pms.check_not_future(
                h.executed_at_read, (SELECT now() + s.clock_skew_limit FROM pms.settings s)
            ),
            CASE
                WHEN h.mode = 'one-way' THEN NULL
                WHEN h.long < 0 OR h.short < 0 THEN 'long_size, short_size: must not be negative'
                WHEN h.long - h.short <> h.size THEN 'size: is not long_size - short_size'
                WHEN h.long <> 0 AND h.short <> 0
                    THEN 'average_entry_price: one for two open legs, what each cost is not known'
            END,
            'average_entry_price: ' || CASE
                WHEN h.size <> 0 THEN pms.check_positive(h.average_price)
            END
        ) AS objection
    FROM (
        SELECT
            t.*,
            coalesce(t.long_size, greatest(t.size, 0)) AS long,
            coalesce(t.short_size, greatest(-t.size, 0)) AS short
        FROM typed t
        -- Computes each expression once (ADR 0002).
        OFFSET 0
    ) h
)

SELECT
    c.ordinal,
    CASE WHEN c.objection IS NOT NULL THEN 'rejected' END,
    c.objection,
    c.account,
    c.asset,
    c.mode,
    -- One leg at most is open; what was earned is its.
    CASE
        WHEN c.objection IS NOT NULL THEN NULL
        WHEN c.mode = 'one-way' THEN 'net'
        WHEN c.short <> 0 THEN 'short'
        ELSE 'long'
    END,
    c.size,
    CASE WHEN c.size <> 0 THEN c.average_price END,
    c.realized,
    CASE WHEN c.current_price > 0 THEN c.current_price END,
    c.executed_at_read
FROM checked c
ORDER BY c.ordinal
$$;

COMMENT ON FUNCTION pms.parse_import_rows IS $$The rows of an older positions table, one leg each

Columns of the seed: asset, mode, size, average_entry_price, current_price, realized_pnl,
long_size, short_size, last_updated, closed_at, created_at, and account if there is one; asset and
size are required. Never raises for a bad row: it is rejected, and detail names the column.$$;

CREATE OR REPLACE FUNCTION pms.plan_import(positions jsonb, account text)
RETURNS SETOF pms.imported_leg
LANGUAGE sql
STABLE
AS $$
WITH leg AS (
    SELECT
        l.*,
        row_number() OVER (PARTITION BY l.account, l.asset, l.mode ORDER BY l.ordinal) AS place,
        e.id IS NOT NULL AS is_imported,
        (e.quantity, e.price, e.realized, e.executed_at) IS NOT DISTINCT FROM
        (l.size, l.average_price, l.realized, coalesce(l.executed_at, e.executed_at)) AS is_same
    FROM pms.parse_import_rows(plan_import.positions, plan_import.account) l
    LEFT JOIN LATERAL pms.find_entry(l.account, pms.import_identity(l)) e ON TRUE
)

SELECT
    l.ordinal,
    coalesce(l.outcome, v.outcome, 'applied'),
    coalesce(l.detail, v.detail),
    l.account,
    l.asset,
    l.mode,
    l.leg,
    l.size,
    l.average_price,
    l.realized,
    l.current_price,
    l.executed_at
FROM leg l
LEFT JOIN LATERAL (
    SELECT r.outcome, r.detail
    FROM (
        VALUES
        (1, l.place > 1, 'rejected', 'this position comes more than once'),
        (
            2, l.size = 0 AND l.realized = 0, 'ignored',
            'nothing is held and nothing was earned'
        ),
        (3, l.is_imported AND l.is_same, 'duplicate', 'imported before'),
        (4, l.is_imported, 'rejected', 'imported before with other values'),
        (
            5,
            EXISTS (
                SELECT 1
                FROM pms.entries_of_leg(l.account, l.asset, l.mode, l.leg) e
            ) OR pms.has_archived_entries(
                l.account, l.asset, l.mode, l.leg, pms.ledger_begins_at()
            ),
            'rejected', 'the ledger has entries of this leg already'
        )
    ) r (rank, holds, outcome, detail)
    WHERE r.holds
    ORDER BY r.rank
    LIMIT 1
) v ON TRUE
ORDER BY l.ordinal
$$;

COMMENT ON FUNCTION pms.plan_import IS
$$What importing the rows of an older positions table would do

Changes nothing. A leg that the ledger has entries of is left alone: the ledger knows it better.$$;
