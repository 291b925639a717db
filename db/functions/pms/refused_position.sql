-- Deploy position_manager:functions/pms/refused_position to pg
-- requires: functions/pms/refusal

BEGIN;

CREATE OR REPLACE FUNCTION pms.refused_position(account text, asset text, mode text)
RETURNS jsonb
LANGUAGE sql
RETURN pms.refusal(
    404,
    'NOT_FOUND',
    format('no %s position in %s', mode, asset),
    jsonb_build_object('account', account, 'asset', asset, 'mode', mode)
);

COMMENT ON FUNCTION pms.refused_position IS 'The answer when there is no such position.';

COMMIT;
