-- Run by a superuser in each database, before its first deploy and after every change of this
-- file: what the plan's owner, who is no superuser, may not do. Safe to repeat. Passwords are set
-- elsewhere.

BEGIN;

DO $$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY[
        'pms_owner', 'pms_authenticator', 'pms_operator', 'pms_worker', 'pms_analyst',
        'pms_anon', 'pms_reader', 'pms_trader', 'pms_http_operator'
    ]
    LOOP
        IF to_regrole(v_role) IS NULL THEN
            EXECUTE format('CREATE ROLE %I', v_role);
        END IF;
    END LOOP;
END
$$;

ALTER ROLE pms_owner LOGIN;
ALTER ROLE pms_authenticator LOGIN NOINHERIT;
ALTER ROLE pms_operator LOGIN;
ALTER ROLE pms_worker LOGIN;
ALTER ROLE pms_analyst LOGIN;

-- Compiling a plan costs more than anything asked here takes.
ALTER ROLE pms_owner SET jit = off;
ALTER ROLE pms_authenticator SET jit = off;
ALTER ROLE pms_operator SET jit = off;
ALTER ROLE pms_worker SET jit = off;

-- Over HTTP an operator is a trader who also settles dead letters: keys, limits and settings are
-- for the command line.
GRANT pms_trader TO pms_http_operator;
GRANT pms_anon TO pms_authenticator;
GRANT pms_reader TO pms_authenticator;
GRANT pms_trader TO pms_authenticator;
GRANT pms_http_operator TO pms_authenticator;

CREATE EXTENSION IF NOT EXISTS pg_stat_statements;

DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO pms_owner', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO pms_authenticator, pms_operator, pms_worker, pms_analyst',
        current_database()
    );

    -- It lives in one database of a cluster; where it is absent, the command line runs the jobs.
    IF current_setting('cron.database_name', TRUE) = current_database() THEN
        CREATE EXTENSION IF NOT EXISTS pg_cron;
        GRANT USAGE ON SCHEMA cron TO pms_owner;
    END IF;
END
$$;

COMMIT;
