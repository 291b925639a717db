-- Deploy position_manager:functions/pms/is_repeated_transfer to pg
-- requires: migrations/entries
-- requires: migrations/transfers
-- requires: migrations/types

BEGIN;

CREATE OR REPLACE FUNCTION pms.is_repeated_transfer(asked pms.transfer)
RETURNS boolean
LANGUAGE sql
STABLE
AS $$
SELECT CASE
    WHEN t.transfer_id IS NOT NULL
        THEN
            (t.to_account, t.asset, t.mode, t.leg, t.quantity)
            = (a.to_account, a.asset, a.mode, a.leg, a.quantity)
            AND t.price IS NOT DISTINCT FROM a.price
    -- One that another account gave has the same identity here.
    WHEN EXISTS (
        SELECT 1
        FROM pms.entries e
        WHERE e.account IN (a.from_account, a.to_account)
            AND e.identity = 'transfer:' || a.transfer_id
    )
        THEN FALSE
END
FROM (SELECT (is_repeated_transfer.asked).*) a
LEFT JOIN pms.transfers t ON a.from_account = t.account AND a.transfer_id = t.transfer_id
$$;

COMMENT ON FUNCTION pms.is_repeated_transfer IS $$Whether a transfer is one that was made before

Null when its transfer_id is new to both accounts; false when it stands for another transfer.$$;

COMMIT;
