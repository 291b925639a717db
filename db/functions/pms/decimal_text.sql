-- Deploy position_manager:functions/pms/decimal_text to pg
-- requires: migrations/schemas

BEGIN;

CREATE OR REPLACE FUNCTION pms.decimal_text(amount numeric)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN trim_scale(amount)::text;

COMMENT ON FUNCTION pms.decimal_text IS $$An amount as the contract writes it

Plain decimal notation, trailing zeros trimmed, zero is 0. Source: contract.md, "Formats".$$;

GRANT EXECUTE ON FUNCTION pms.decimal_text TO pms_reader, pms_trader, pms_operator, pms_analyst;

COMMIT;
