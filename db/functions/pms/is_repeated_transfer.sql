-- Deploy position_manager:functions/pms/is_repeated_transfer to pg
-- requires: migrations/entries
-- requires: migrations/transfers
-- requires: migrations/types

BEGIN;

CREATE OR REPLACE FUNCTION pms.is_repeated_transfer(asked pms.transfer)
RETURNS boolean
LANGUAGE sql
STABLE
RETURN coalesce(
    (
        SELECT
            (t.to_account, t.asset, t.mode, t.leg, t.quantity) = (
                (asked).to_account, (asked).asset, (asked).mode, (asked).leg, (asked).quantity
            )
            AND coalesce(
                t.price = (asked).price, t.price IS NULL AND (asked).price IS NULL
            )
        FROM pms.transfers t
        WHERE t.account = (asked).from_account
            AND t.transfer_id = (asked).transfer_id
    ),
    -- One that another account gave has the same identity here.
    CASE
        WHEN EXISTS (
            SELECT 1
            FROM pms.entries e
            WHERE e.account IN ((asked).from_account, (asked).to_account)
                AND e.identity = 'transfer:' || (asked).transfer_id
        )
            THEN FALSE
    END
);

COMMENT ON FUNCTION pms.is_repeated_transfer IS $$Whether a transfer is one that was made before

Null when its transfer_id is new to both accounts; false when it stands for another transfer.$$;

COMMIT;
