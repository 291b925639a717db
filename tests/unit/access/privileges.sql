-- The definer functions and the roles; privileges on objects are tested in tests/integration/privileges.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

-- The definer functions

-- A function of a view's row, which PostgREST embeds.
CREATE VIEW pg_temp.relationships AS
SELECT p.*
FROM pg_proc p
INNER JOIN pg_class c ON p.proargtypes[0] = c.reltype AND c.relkind = 'v'
WHERE p.pronamespace = 'api'::regnamespace AND p.pronargs = 1;

SELECT is_empty(
    $$ SELECT p.oid::regprocedure FROM pg_proc p
       WHERE p.pronamespace = 'api'::regnamespace
           AND p.oid NOT IN (SELECT r.oid FROM pg_temp.relationships r)
           AND NOT (p.prosecdef AND coalesce('search_path=""' = ANY (p.proconfig), FALSE)) $$,
    'every other api function is SECURITY DEFINER with an empty search_path'
);

SELECT is_empty(
    $$ SELECT r.oid::regprocedure FROM pg_temp.relationships r
       WHERE r.prosecdef OR r.proconfig IS NOT NULL OR r.proisstrict OR r.provolatile <> 's'
           OR r.prolang <> (SELECT l.oid FROM pg_language l WHERE l.lanname = 'sql')
           OR r.prorettype <> (
               SELECT c.reltype FROM pg_class c
               WHERE c.relnamespace = 'api'::regnamespace AND c.relname = r.proname
           ) $$,
    'a relationship is planned as a part of the query, and shows what its caller may read'
);

SELECT set_eq(
    $$ SELECT p.proname::text FROM pg_proc p
       WHERE p.pronamespace IN ('pms'::regnamespace, 'compat'::regnamespace)
           AND p.prosecdef $$,
    ARRAY[
        'adopt_unexplained_positions', 'publish_portfolio', 'apply_order_events', 'apply_prices',
        'apply_venue_positions', 'check_names', 'admit_key', 'find_key', 'gateway_limits_document', 'record_gateway_limits', 'record_key_uses',
        'book_of_entry', 'cash_balances_at', 'limited_book_totals', 'open_lots', 'period_pnl', 'return_statistics', 'cycles_of_leg', 'rate_status', 'realized_by_entry', 'record_rejected_messages', 'report_worker', 'stale_price_assets', 'stale_rates', 'mark_positions',
        'set_outbox_reader', 'account_exposure', 'review_codes',
        'log_events', 'unsent_events', 'note_sent_events', 'logged_events', 'log_bounds',
        'open_stream', 'report_stream', 'webhook_events', 'note_webhook', 'watch_service',
        'feed_compat', 'replace_written', 'delete_unknown'
    ],
    'the only definer functions beside api: the doors of the worker, the stream, the webhooks and compat, the look-up of keys, the check of names, and the lots, the cycles, the PnL, '
    'the books, the exposure, the rates and the reasons that views show'
);

SELECT is_empty(
    $$ SELECT p.oid::regprocedure FROM pg_proc p
       WHERE p.pronamespace IN ('pms'::regnamespace, 'compat'::regnamespace)
           AND p.prosecdef
           AND NOT coalesce('search_path=""' = ANY (p.proconfig), FALSE) $$,
    'every definer function has an empty search_path'
);

SELECT is_empty(
    $$ SELECT p.oid::regprocedure, p.proowner::regrole
       FROM pg_proc p
       INNER JOIN pg_roles r ON p.proowner = r.oid
       WHERE p.pronamespace = ANY ('{api,pms,compat}'::regnamespace[])
           AND (r.rolsuper OR r.rolname <> 'pms_owner') $$,
    'every function belongs to the owner, which is not a superuser'
);

SELECT is_empty(
    $$ SELECT p.oid::regprocedure FROM pg_proc p
       WHERE p.pronamespace = ANY ('{api,pms,compat}'::regnamespace[])
           AND has_function_privilege('public', p.oid, 'EXECUTE') $$,
    'PUBLIC can execute no function'
);

-- Roles

SELECT set_eq(
    $$ SELECT m.roleid::regrole::text FROM pg_auth_members m
       WHERE m.member = 'pms_authenticator'::regrole $$,
    ARRAY[
        'pms_anon', 'pms_session', 'pms_reader', 'pms_trader', 'pms_http_operator',
        'pms_reader_bound', 'pms_trader_bound', 'pms_http_operator_bound'
    ],
    'no key can become the role of the CLI'
);

SELECT set_eq(
    $$ SELECT c.oid::regclass::text FROM pg_class c
       WHERE c.relnamespace IN ('api'::regnamespace, 'pms'::regnamespace)
           AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
           AND has_any_column_privilege('pms_session', c.oid, 'SELECT, INSERT, UPDATE')
       UNION ALL
       SELECT p.oid::regprocedure::text FROM pg_proc p
       WHERE p.pronamespace IN ('api'::regnamespace, 'pms'::regnamespace)
           AND has_function_privilege('pms_session', p.oid, 'EXECUTE') $$,
    ARRAY['api.create_session()'],
    'a one-time code is good for one thing'
);

SELECT set_eq(
    $$ SELECT r.rolname, r.rolsuper OR r.rolcreaterole FROM pg_roles r
       WHERE r.rolname LIKE 'pms\_%'
           AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolbypassrls) $$,
    $$ VALUES ('pms_backup'::name, FALSE) $$,
    'no role but that of backups has special attributes'
);

SELECT set_eq(
    $$ SELECT m.roleid::regrole::text, m.member::regrole::text FROM pg_auth_members m
       WHERE m.member::regrole::text LIKE 'pms\_%' AND m.roleid::regrole::text NOT LIKE 'pms\_%' $$,
    $$ VALUES ('pg_read_all_data', 'pms_backup'), ('pg_read_all_stats', 'pms_owner') $$,
    'no role but that of backups reads data without a grant, only the owner sees all sessions, and no role writes'
);

SELECT set_eq(
    $$ SELECT m.roleid::regrole::text, m.member::regrole::text FROM pg_auth_members m
       WHERE m.member::regrole::text LIKE 'pms\_%\_bound' $$,
    $$ SELECT g.name, r.name || '_bound'
       FROM unnest('{pms_reader,pms_trader,pms_http_operator}'::text[]) r (name)
       CROSS JOIN LATERAL unnest(ARRAY[r.name, 'pms_bound']) g (name) $$,
    'the role of a bound key is that of the key, restricted'
);

SELECT is_empty(
    $$ SELECT d.refobjid::regrole, d.objid
       FROM pg_shdepend d
       INNER JOIN pg_database b ON d.dbid = b.oid AND b.datname = current_database()
       INNER JOIN pg_roles r ON d.refobjid = r.oid AND d.refclassid = 'pg_authid'::regclass
       WHERE (r.rolname = 'pms_bound' OR r.rolname LIKE 'pms\_%\_bound')
           AND d.deptype <> 'r' $$,
    'it has no other privileges'
);

SELECT is_empty(
    $$ SELECT r.rolname FROM pg_roles r
       WHERE r.rolname LIKE 'pms\_%' AND r.rolname NOT LIKE '%\_bound'
           AND pg_has_role(r.rolname, 'pms_bound', 'USAGE') $$,
    'no other role is restricted'
);

SELECT ok(
    NOT (SELECT r.rolinherit FROM pg_roles r WHERE r.rolname = 'pms_authenticator'),
    'the login of PostgREST has no privileges of its own'
);

SELECT is_empty(
    $$ SELECT r.rolname FROM pg_roles r
       WHERE r.rolname LIKE 'pms\_%' AND r.rolcanlogin AND r.rolconnlimit < 1 $$,
    'every login has a connection limit'
);

SELECT ok(
    sum(r.rolconnlimit) < current_setting('max_connections')::integer - 10,
    'the connection limits of all logins leave some for the superuser'
)
FROM pg_roles r
WHERE r.rolname LIKE 'pms\_%' AND r.rolcanlogin;

SELECT is_empty(
    $$ SELECT r.rolname, n.name
       FROM pg_roles r
       CROSS JOIN unnest(
           '{statement_timeout,lock_timeout,idle_in_transaction_session_timeout}'::text[]
       ) n (name)
       WHERE r.rolname LIKE 'pms\_%' AND r.rolcanlogin
           -- A deployment may take as long as it has to.
           AND (r.rolname, n.name) <> ('pms_owner', 'statement_timeout')
           AND NOT EXISTS (
               SELECT 1 FROM unnest(r.rolconfig) c (setting)
               WHERE c.setting LIKE n.name || '=%' AND c.setting <> n.name || '=0'
           ) $$,
    'every login has timeouts'
);

SELECT is_empty(
    $$ SELECT u.role_name, n.nspname
       FROM unnest('{pms_reader,pms_trader,pms_operator,pms_analyst}'::text[]) u (role_name)
       CROSS JOIN pg_namespace n
       WHERE n.nspname IN ('pms', 'sqitch', 'cron')
           AND has_schema_privilege(u.role_name, n.oid, 'USAGE') $$,
    'no role can name a private object'
);

-- With the privileges of each role

SET LOCAL ROLE pms_trader;
SELECT throws_ok(
    'SELECT * FROM pms.api_keys', '42501', 'permission denied for schema pms',
    'a trader cannot query the private schema'
);
SET LOCAL ROLE pms_anon;
SELECT throws_ok(
    'SELECT * FROM pms.api_keys', '42501', 'permission denied for table api_keys',
    'no role reads the keys'
);
SELECT throws_ok(
    'SELECT * FROM api.positions', '42501', 'permission denied for view positions',
    'positions cannot be read without a key'
);
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
