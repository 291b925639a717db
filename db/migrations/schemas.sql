-- Deploy position_manager:migrations/schemas to pg

BEGIN;

-- Before anything else: what is not granted on purpose is not callable.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;

CREATE SCHEMA pms;
CREATE SCHEMA api;

COMMENT ON SCHEMA pms IS 'The ledger, the rules and what only the service itself may touch.';
COMMENT ON SCHEMA api IS $$Position Manager

Positions, exposure and PnL of the trading desk: views are nouns, functions are verbs.$$;

-- Anonymous requests need pms for one thing: the check of their key.
GRANT USAGE ON SCHEMA pms TO pms_anon, pms_worker;
GRANT USAGE ON SCHEMA api TO pms_anon, pms_reader, pms_trader, pms_operator, pms_analyst;

NOTIFY pgrst, 'reload schema';

COMMIT;
