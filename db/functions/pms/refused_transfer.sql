-- Deploy position_manager:functions/pms/refused_transfer to pg
-- requires: functions/pms/decimal_text
-- requires: functions/pms/refusal
-- requires: migrations/types

BEGIN;

CREATE OR REPLACE FUNCTION pms.refused_transfer(asked pms.transfer)
RETURNS jsonb
LANGUAGE sql
RETURN pms.refusal(
    409,
    'CONFLICT',
    'the account does not hold so much',
    jsonb_build_object(
        'from_account', (asked).from_account,
        'asset', (asked).asset,
        'mode', (asked).mode,
        'quantity', pms.decimal_text((asked).quantity)
    )
);

COMMENT ON FUNCTION pms.refused_transfer IS
'The answer to a transfer of more than the account holds.';

COMMIT;
