-- Run by a superuser in each database, before its first deploy and after every change of this
-- file: what the plan's owner, who is no superuser, may not do. Safe to repeat. Passwords are set
-- elsewhere.

BEGIN;

DO $$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY[
        'pms_owner', 'pms_authenticator', 'pms_operator', 'pms_worker', 'pms_stream',
        'pms_analyst', 'pms_compat', 'pms_backup', 'pms_anon', 'pms_session', 'pms_reader',
        'pms_trader', 'pms_http_operator',
        'pms_bound', 'pms_reader_bound', 'pms_trader_bound', 'pms_http_operator_bound'
    ]
    LOOP
        IF to_regrole(v_role) IS NULL THEN
            EXECUTE format('CREATE ROLE %I', v_role);
        END IF;
    END LOOP;
END
$$;

-- How many connections each may have: together they leave some of the default 100 for the superuser
-- and for others, and none can take those of the rest.
ALTER ROLE pms_owner LOGIN CONNECTION LIMIT 14;
ALTER ROLE pms_authenticator LOGIN NOINHERIT CONNECTION LIMIT 25;
ALTER ROLE pms_operator LOGIN CONNECTION LIMIT 9;
ALTER ROLE pms_worker LOGIN CONNECTION LIMIT 21;
ALTER ROLE pms_stream LOGIN CONNECTION LIMIT 4;
ALTER ROLE pms_analyst LOGIN CONNECTION LIMIT 6;
-- Other services of a shared database; one that has a login of its own is granted this role.
ALTER ROLE pms_compat LOGIN CONNECTION LIMIT 6;
-- Backups: it reads everything and writes nothing but the record of a backup. It may create
-- databases, to restore a backup into one and compare.
ALTER ROLE pms_backup LOGIN BYPASSRLS CREATEDB CONNECTION LIMIT 4;
GRANT pg_read_all_data TO pms_backup;
-- The sessions of other roles, for position-manager doctor.
GRANT pg_read_all_stats TO pms_owner;

-- A role may change its own settings: what it has set since, for every database or this one, ends
-- here, and its password is set again after this file.
DO $$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY[
        'pms_owner', 'pms_authenticator', 'pms_operator', 'pms_worker', 'pms_stream',
        'pms_analyst', 'pms_compat', 'pms_backup'
    ]
    LOOP
        EXECUTE format('ALTER ROLE %I RESET ALL', v_role);
        EXECUTE format('ALTER ROLE %I IN DATABASE %I RESET ALL', v_role, current_database());
    END LOOP;
END
$$;

-- How long each may take. A request has a shorter limit of its own, see pms.check_request; a
-- deployment may rewrite a table, and an import or a verification reads all there is.
ALTER ROLE pms_owner SET lock_timeout = '60s';
ALTER ROLE pms_owner SET idle_in_transaction_session_timeout = '10min';
ALTER ROLE pms_authenticator SET statement_timeout = '30s';
ALTER ROLE pms_authenticator SET lock_timeout = '5s';
ALTER ROLE pms_authenticator SET idle_in_transaction_session_timeout = '15s';
ALTER ROLE pms_operator SET statement_timeout = '1h';
ALTER ROLE pms_operator SET lock_timeout = '30s';
ALTER ROLE pms_operator SET idle_in_transaction_session_timeout = '10min';
ALTER ROLE pms_worker SET statement_timeout = '60s';
ALTER ROLE pms_worker SET lock_timeout = '10s';
ALTER ROLE pms_worker SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE pms_stream SET statement_timeout = '60s';
ALTER ROLE pms_stream SET lock_timeout = '10s';
ALTER ROLE pms_stream SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE pms_analyst SET statement_timeout = '5min';
ALTER ROLE pms_analyst SET lock_timeout = '10s';
ALTER ROLE pms_analyst SET idle_in_transaction_session_timeout = '5min';
ALTER ROLE pms_analyst SET idle_session_timeout = '1h';
ALTER ROLE pms_analyst SET default_transaction_read_only = on;
-- Names without a schema, and \d, refer to the public one.
ALTER ROLE pms_analyst SET search_path = api;
-- A transaction of another service holds up the rows that it has written.
ALTER ROLE pms_compat SET statement_timeout = '30s';
ALTER ROLE pms_compat SET lock_timeout = '10s';
ALTER ROLE pms_compat SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE pms_compat SET search_path = compat;
ALTER ROLE pms_backup SET statement_timeout = '1d';
ALTER ROLE pms_backup SET lock_timeout = '60s';
ALTER ROLE pms_backup SET idle_in_transaction_session_timeout = '1d';
ALTER ROLE pms_backup SET default_transaction_read_only = on;

-- A bare name resolves to PostgreSQL's own objects only: no other object can take its place.
-- The owner's is left alone, for sqitch looks for its registry.
ALTER ROLE pms_authenticator SET search_path = '';
ALTER ROLE pms_worker SET search_path = '';
ALTER ROLE pms_stream SET search_path = '';
ALTER ROLE pms_backup SET search_path = '';

-- Compiling a plan takes longer than any query of the service (ADR 0002).
ALTER ROLE pms_owner SET jit = off;
ALTER ROLE pms_authenticator SET jit = off;
ALTER ROLE pms_operator SET jit = off;
ALTER ROLE pms_worker SET jit = off;
ALTER ROLE pms_stream SET jit = off;
ALTER ROLE pms_analyst SET jit = off;
ALTER ROLE pms_compat SET jit = off;
ALTER ROLE pms_backup SET jit = off;

-- Over HTTP an operator is a trader who also settles dead letters, sets limits, defines instruments
-- and reads the audit log: keys and settings are for the command line.
GRANT pms_trader TO pms_http_operator;
GRANT pms_anon TO pms_authenticator;
GRANT pms_session TO pms_authenticator;
GRANT pms_reader TO pms_authenticator;
GRANT pms_trader TO pms_authenticator;
GRANT pms_http_operator TO pms_authenticator;

-- A key that is bound to accounts has the same rights, on the rows of these accounts: the policies
-- of the tables restrict pms_bound (ADR 0013).
GRANT pms_reader TO pms_reader_bound;
GRANT pms_trader TO pms_trader_bound;
GRANT pms_http_operator TO pms_http_operator_bound;
GRANT pms_bound TO pms_reader_bound;
GRANT pms_bound TO pms_trader_bound;
GRANT pms_bound TO pms_http_operator_bound;
GRANT pms_reader_bound TO pms_authenticator;
GRANT pms_trader_bound TO pms_authenticator;
GRANT pms_http_operator_bound TO pms_authenticator;

-- A deployment that changes tables ends the sessions of these roles and refuses new ones meanwhile:
-- it grants CONNECT when it is done. The owner has all their rights anyway.
GRANT pms_authenticator TO pms_owner;
GRANT pms_operator TO pms_owner;
GRANT pms_worker TO pms_owner;
GRANT pms_stream TO pms_owner;
GRANT pms_analyst TO pms_owner;
GRANT pms_compat TO pms_owner;

-- What PostgreSQL lets everybody write or lock without a right to any table: large objects, the
-- WAL, and the advisory locks by which jobs, deployments and relays take turns. These grants are of
-- this database: pg_dump keeps them, and this file repeats them in another one.
DO $$
DECLARE
    v_function regprocedure;
    v_locks boolean;
BEGIN
    FOR v_function, v_locks IN
        SELECT
            p.oid::regprocedure,
            p.proname LIKE '%advisory%'
        FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
            AND (
                p.proname ~ '^pg_(try_)?advisory_(xact_)?lock'
                OR p.proname IN (
                    'lo_creat', 'lo_create', 'lo_from_bytea', 'lo_put', 'lo_truncate',
                    'lo_truncate64', 'lowrite', 'pg_logical_emit_message'
                )
            )
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', v_function);
        IF v_locks THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pms_owner, pms_worker', v_function);
        END IF;
    END LOOP;
END
$$;

-- A backup waits for a deployment, and holds the next one up.
GRANT EXECUTE ON FUNCTION pg_try_advisory_lock_shared(bigint) TO pms_backup;

CREATE EXTENSION IF NOT EXISTS pg_stat_statements;

DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO pms_owner', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    -- The others are granted it by the deployment, which pauses them while tables change.
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO pms_backup', current_database());
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    REVOKE ALL ON pg_stat_statements, pg_stat_statements_info FROM PUBLIC;
    REVOKE ALL ON FUNCTION
        pg_stat_statements, pg_stat_statements_info, pg_stat_statements_reset FROM PUBLIC;
    -- It lives in one database of a cluster; where it is absent, the command line runs the jobs.
    IF current_setting('cron.database_name', TRUE) = current_database() THEN
        CREATE EXTENSION IF NOT EXISTS pg_cron;
        REVOKE ALL ON ALL TABLES IN SCHEMA cron FROM PUBLIC;
        REVOKE ALL ON ALL SEQUENCES IN SCHEMA cron FROM PUBLIC;
        REVOKE ALL ON ALL FUNCTIONS IN SCHEMA cron FROM PUBLIC;
        GRANT USAGE ON SCHEMA cron TO pms_owner;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA cron TO pms_owner;
        GRANT SELECT ON cron.job TO pms_owner;
        GRANT SELECT, DELETE ON cron.job_run_details TO pms_owner;
    END IF;
END
$$;

COMMIT;
