-- Deploy position_manager:functions/pms/read_imports to pg
-- requires: functions/pms/decimal_or_null
-- requires: functions/pms/time_or_null
-- requires: migrations/imports
-- requires: migrations/settings

BEGIN;

CREATE OR REPLACE FUNCTION pms.read_imports(positions jsonb, account text)
RETURNS SETOF pms.imported_leg
LANGUAGE sql
STABLE
AS $$
WITH literal AS (
    SELECT
        r.ordinal::integer AS ordinal,
        r.doc,
        coalesce(r.doc ->> 'account', read_imports.account) AS account,
        upper(r.doc ->> 'asset') AS asset,
        lower(coalesce(r.doc ->> 'mode', 'one-way')) AS mode,
        coalesce(
            r.doc ->> 'last_updated', r.doc ->> 'closed_at', r.doc ->> 'created_at'
        ) AS executed_at
    FROM jsonb_array_elements(read_imports.positions) WITH ORDINALITY r (doc, ordinal)
),

typed AS (
    SELECT
        l.*,
        pms.decimal_or_null(l.doc ->> 'size') AS size,
        pms.decimal_or_null(l.doc ->> 'long_size') AS long_size,
        pms.decimal_or_null(l.doc ->> 'short_size') AS short_size,
        pms.decimal_or_null(l.doc ->> 'average_entry_price') AS average_price,
        pms.decimal_or_null(l.doc ->> 'current_price') AS current_price,
        pms.decimal_or_null(coalesce(l.doc ->> 'realized_pnl', '0')) AS realized,
        pms.time_or_null(l.executed_at) AS executed_at_read
    FROM literal l
),

-- Where a row does not tell the legs of a hedge, its size does.
told AS (
    SELECT
        t.*,
        coalesce(t.long_size, greatest(t.size, 0)) AS long,
        coalesce(t.short_size, greatest(-t.size, 0)) AS short,
        CASE
            WHEN coalesce(t.account !~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$', TRUE)
                THEN 'account: malformed'
            WHEN coalesce(t.asset !~ '^[A-Z0-9][A-Z0-9._-]{0,31}$', TRUE)
                THEN 'asset: missing or malformed'
            WHEN t.mode NOT IN ('one-way', 'hedge') THEN 'mode: must be one-way or hedge'
            WHEN t.size IS NULL THEN 'size: missing, or no decimal of at most 18 fractional digits'
            WHEN t.realized IS NULL
                THEN 'realized_pnl: no decimal of at most 18 fractional digits'
            WHEN t.executed_at IS NOT NULL AND t.executed_at_read IS NULL
                THEN 'last_updated: must be an ISO 8601 time'
            WHEN t.executed_at_read > (SELECT now() + s.clock_skew_limit FROM pms.settings s)
                THEN 'last_updated: lies in the future'
        END AS objection
    FROM typed t
),

judged AS (
    SELECT
        t.*,
        CASE
            WHEN t.objection IS NOT NULL THEN t.objection
            WHEN t.mode = 'hedge' AND (t.long < 0 OR t.short < 0)
                THEN 'long_size, short_size: must not be negative'
            WHEN t.mode = 'hedge' AND t.long - t.short <> t.size
                THEN 'size: is not long_size - short_size'
            WHEN t.mode = 'hedge' AND t.long <> 0 AND t.short <> 0
                THEN 'average_entry_price: one for two open legs, what each cost is not known'
            WHEN t.size <> 0 AND coalesce(t.average_price <= 0, TRUE)
                THEN 'average_entry_price: must be a decimal > 0, at most 18 fractional digits'
        END AS refusal
    FROM told t
)

SELECT
    j.ordinal,
    CASE WHEN j.refusal IS NOT NULL THEN 'rejected' END,
    j.refusal,
    j.account,
    j.asset,
    j.mode,
    -- One leg at most is open; what was earned is its.
    CASE
        WHEN j.refusal IS NOT NULL THEN NULL
        WHEN j.mode = 'one-way' THEN 'net'
        WHEN j.short <> 0 THEN 'short'
        ELSE 'long'
    END,
    j.size,
    CASE WHEN j.size <> 0 THEN j.average_price END,
    j.realized,
    CASE WHEN j.current_price > 0 THEN j.current_price END,
    j.executed_at_read
FROM judged j
ORDER BY j.ordinal
$$;

COMMENT ON FUNCTION pms.read_imports IS $$The rows of an older positions table, one leg each

Columns of the seed: asset, mode, size, average_entry_price, current_price, realized_pnl, long_size,
short_size, last_updated, closed_at, created_at, and account if there is one; of these asset and size
must be. Never raises for a bad row: it is rejected, and detail names the column.$$;

COMMIT;
