-- Deploy position_manager:functions/pms/plan_import to pg
-- requires: functions/pms/import_identity
-- requires: functions/pms/read_imports
-- requires: migrations/entries

BEGIN;

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
    FROM pms.read_imports(plan_import.positions, plan_import.account) l
    LEFT JOIN pms.entries e ON l.account = e.account AND pms.import_identity(l) = e.identity
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
                FROM pms.entries e
                WHERE e.account = l.account
                    AND e.asset = l.asset
                    AND e.mode = l.mode
                    AND e.leg = l.leg
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

Changes nothing. A leg that the ledger has entries of is left alone: what it holds is known better.$$;

COMMIT;
