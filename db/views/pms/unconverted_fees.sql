-- Deploy position_manager:views/pms/unconverted_fees to pg
-- requires: migrations/entries
-- requires: migrations/voids

BEGIN;

CREATE OR REPLACE VIEW pms.unconverted_fees AS
SELECT
    e.account,
    e.asset,
    e.mode,
    e.leg,
    count(*) AS fees
FROM pms.entries e
WHERE e.fee_native IS NOT NULL
    AND e.fee_rate IS NULL
    AND NOT EXISTS (
        SELECT 1
        FROM pms.voids v
        WHERE v.account = e.account
            AND v.entry_id = e.id
    )
GROUP BY e.account, e.asset, e.mode, e.leg;

COMMENT ON VIEW pms.unconverted_fees IS
'How many entries of a leg have a fee that is not counted: no rate was known at their time';

COMMIT;
