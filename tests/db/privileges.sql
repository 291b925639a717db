-- Who may do what, by SQL; what the gateway adds is tested in tests/api.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

CREATE FUNCTION pg_temp.may_execute(role_name text, schema_name text)
RETURNS SETOF text
LANGUAGE sql
AS $$
SELECT p.proname::text
FROM pg_proc p
WHERE p.pronamespace = schema_name::regnamespace
    AND has_function_privilege(role_name, p.oid, 'EXECUTE')
$$;

CREATE FUNCTION pg_temp.may_touch(role_name text)
RETURNS SETOF text
LANGUAGE sql
AS $$
SELECT c.oid::regclass || ' ' || v.name
FROM pg_class c
CROSS JOIN unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) v (name)
WHERE c.relnamespace IN ('api'::regnamespace, 'pms'::regnamespace)
    AND c.relkind IN ('r', 'v', 'm', 'p', 'f')
    AND has_table_privilege(role_name, c.oid, v.name)
$$;

-- The doors

SELECT is_empty(
    $$ SELECT p.oid::regprocedure FROM pg_proc p
       WHERE p.pronamespace = 'api'::regnamespace
           AND NOT (p.prosecdef AND coalesce('search_path=""' = ANY (p.proconfig), FALSE)) $$,
    'every api function is SECURITY DEFINER with an empty search_path'
);

SELECT set_eq(
    $$ SELECT p.proname::text FROM pg_proc p
       WHERE p.pronamespace = 'pms'::regnamespace
           AND p.prosecdef $$,
    ARRAY[
        'adopt_positions', 'announce_portfolio', 'apply_order_events', 'apply_prices',
        'apply_venue_positions', 'find_key', 'gateway_limits', 'note_gateway_limits', 'open_lots',
        'reject_messages', 'report_worker', 'wanted_prices'
    ],
    'the only definer functions in pms: the door of the worker, the look-up of keys, and the lots '
    'that a view shows'
);

SELECT is_empty(
    $$ SELECT p.oid::regprocedure FROM pg_proc p
       WHERE p.pronamespace = 'pms'::regnamespace
           AND p.prosecdef
           AND NOT coalesce('search_path=""' = ANY (p.proconfig), FALSE) $$,
    'every definer function has an empty search_path'
);

SELECT is_empty(
    $$ SELECT p.oid::regprocedure, p.proowner::regrole
       FROM pg_proc p
       INNER JOIN pg_roles r ON p.proowner = r.oid
       WHERE p.pronamespace IN ('api'::regnamespace, 'pms'::regnamespace)
           AND (r.rolsuper OR r.rolname <> 'pms_owner') $$,
    'every function belongs to the owner, who is no superuser'
);

SELECT is_empty(
    $$ SELECT p.oid::regprocedure FROM pg_proc p
       WHERE p.pronamespace IN ('api'::regnamespace, 'pms'::regnamespace)
           AND has_function_privilege('public', p.oid, 'EXECUTE') $$,
    'no function is open to PUBLIC'
);

SELECT is_empty(
    $$ SELECT * FROM pg_temp.may_touch('public') $$,
    'no table or view is open to PUBLIC'
);

-- Roles

SELECT set_eq(
    $$ SELECT m.roleid::regrole::text FROM pg_auth_members m
       WHERE m.member = 'pms_authenticator'::regrole $$,
    ARRAY['pms_anon', 'pms_reader', 'pms_trader', 'pms_http_operator'],
    'over HTTP nobody becomes who the command line is'
);

SELECT is_empty(
    $$ SELECT r.rolname FROM pg_roles r
       WHERE r.rolname LIKE 'pms\_%'
           AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolbypassrls) $$,
    'no role of ours is more than an ordinary one'
);

SELECT ok(
    NOT (SELECT r.rolinherit FROM pg_roles r WHERE r.rolname = 'pms_authenticator'),
    'the login of PostgREST may nothing by itself'
);

SELECT is_empty(
    $$ SELECT r.rolname FROM pg_roles r
       WHERE r.rolname LIKE 'pms\_%' AND r.rolcanlogin AND r.rolconnlimit < 1 $$,
    'every login has a limit of connections'
);

SELECT ok(
    sum(r.rolconnlimit) < current_setting('max_connections')::integer - 10,
    'all logins together leave connections to the superuser'
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
    'every login has its timeouts'
);

-- Without a key

SELECT set_eq(
    $$ SELECT * FROM pg_temp.may_execute('pms_anon', 'api') $$,
    ARRAY['get_health', 'get_metrics', 'get_metrics_text'],
    'without a key health and metrics are open'
);

SELECT set_eq(
    $$ SELECT * FROM pg_temp.may_execute('pms_anon', 'pms') $$,
    ARRAY['check_request', 'find_key', 'may_request'],
    'without a key pms has the check of the key, no more'
);

SELECT is_empty(
    $$ SELECT * FROM pg_temp.may_touch('pms_anon') $$,
    'without a key there is no table and no view'
);

-- With a key

SELECT set_eq(
    $$ SELECT * FROM pg_temp.may_execute('pms_reader', 'api') $$,
    ARRAY[
        'check_fill', 'closed_cycles', 'get_closed_cycles', 'get_discrepancies', 'get_exposure',
        'get_health', 'get_metrics', 'get_metrics_text', 'get_pnl', 'get_portfolio',
        'get_position', 'get_position_entries', 'get_positions', 'get_snapshots', 'portfolio_as_of', 'position_entries', 'positions_as_of'
    ],
    'a reader reads'
);

SELECT set_eq(
    $$ SELECT * FROM pg_temp.may_execute('pms_analyst', 'api') $$,
    ARRAY['closed_cycles', 'portfolio_as_of', 'position_entries', 'positions_as_of'],
    'an analyst reads the functions that answer rows'
);

SELECT set_eq(
    $$ SELECT * FROM pg_temp.may_execute('pms_trader', 'api')
       EXCEPT
       SELECT * FROM pg_temp.may_execute('pms_reader', 'api') $$,
    ARRAY[
        'accept_discrepancy', 'bust_fill', 'correct_fill', 'create_snapshot',
        'create_snapshots', 'dismiss_discrepancy', 'record_fill', 'record_fills', 'record_funding', 'record_price', 'record_prices', 'record_transfer',
        'validate_position'
    ],
    'a trader records, validates, decides and takes snapshots on top'
);

SELECT set_eq(
    format($$ SELECT * FROM pg_temp.may_touch(%L) $$, u.role_name),
    ARRAY[
        'api.conflicts SELECT', 'api.discrepancies SELECT', 'api.drawdown SELECT',
        'api.exposure_by_asset SELECT', 'api.fifo_lots SELECT', 'api.fifo_positions SELECT',
        'api.fills SELECT', 'api.instruments SELECT', 'api.jobs SELECT',
        'api.limit_breaches SELECT', 'api.limits SELECT', 'api.pnl_by_asset SELECT',
        'api.pnl_by_day SELECT', 'api.pnl_by_month SELECT', 'api.pnl_by_week SELECT',
        'api.portfolio SELECT', 'api.portfolio_history SELECT', 'api.positions SELECT',
        'api.prices SELECT', 'api.restatements SELECT', 'api.return_statistics SELECT',
        'api.snapshots SELECT', 'api.validations SELECT'
    ],
    u.role_name || ' sees the published views and changes none'
)
FROM unnest('{pms_reader,pms_trader,pms_analyst}'::text[]) u (role_name);

SELECT set_eq(
    $$ SELECT * FROM pg_temp.may_touch('pms_operator')
       EXCEPT
       SELECT * FROM pg_temp.may_touch('pms_reader') $$,
    ARRAY['api.dead_letters SELECT', 'api.keys SELECT', 'api.rate_limits SELECT'],
    'an operator sees the keys, their limits and the dead letters on top'
);

SELECT set_eq(
    $$ SELECT * FROM pg_temp.may_touch('pms_http_operator')
       EXCEPT
       SELECT * FROM pg_temp.may_touch('pms_trader') $$,
    ARRAY['api.dead_letters SELECT'],
    'over HTTP an operator sees the dead letters on top'
);

SELECT set_eq(
    $$ SELECT * FROM pg_temp.may_execute('pms_http_operator', 'api')
       EXCEPT
       SELECT * FROM pg_temp.may_execute('pms_trader', 'api') $$,
    ARRAY['drop_dead_letter', 'retry_dead_letter'],
    'over HTTP an operator settles the dead letters on top'
);

SELECT set_eq(
    format($$ SELECT * FROM pg_temp.may_execute(%L, 'pms') $$, u.role_name),
    ARRAY[
        'value', 'quotient', 'average_price', 'valued_positions', 'portfolio_totals', 'open_lots',
        'decimal_text', 'limit_usage', 'position_json', 'time_text'
    ],
    u.role_name || ' may use what the views compute with'
)
FROM unnest('{pms_reader,pms_trader,pms_analyst}'::text[]) u (role_name);

SELECT set_eq(
    format(
        $$ SELECT * FROM pg_temp.may_execute(%L, 'pms')
           EXCEPT
           SELECT * FROM pg_temp.may_execute('pms_trader', 'pms') $$,
        u.role_name
    ),
    ARRAY['document_or_null'],
    u.role_name || ' may use what the view of dead letters computes with on top'
)
FROM unnest('{pms_operator,pms_http_operator}'::text[]) u (role_name);

SELECT is_empty(
    $$ SELECT u.role_name
       FROM unnest('{pms_reader,pms_trader,pms_operator,pms_analyst}'::text[]) u (role_name)
       WHERE has_schema_privilege(u.role_name, 'pms', 'USAGE') $$,
    'behind the views nobody can name anything in pms'
);

SELECT set_eq(
    $$ SELECT * FROM pg_temp.may_execute('pms_operator', 'api')
       EXCEPT
       SELECT * FROM pg_temp.may_execute('pms_trader', 'api') $$,
    ARRAY[
        'begin_job', 'continue_job', 'create_key', 'define_instrument', 'drop_dead_letter',
        'import_positions', 'remove_limit', 'retry_dead_letter', 'revoke_key', 'rotate_key',
        'set_capital', 'set_limit', 'verify_ledger'
    ],
    'an operator says what instruments, limits and keys there are, runs jobs, verifies the ledger '
    'and settles the dead letters on top'
);

-- The worker

SELECT set_eq(
    $$ SELECT * FROM pg_temp.may_execute('pms_worker', 'pms') $$,
    ARRAY[
        'adopt_positions', 'announce_portfolio', 'apply_order_events', 'apply_prices',
        'apply_venue_positions', 'gateway_limits', 'note_gateway_limits', 'reject_messages',
        'report_worker', 'wanted_prices'
    ],
    'the worker has its door'
);

SELECT set_eq(
    $$ SELECT * FROM pg_temp.may_touch('pms_worker') $$,
    ARRAY['pms.outbox SELECT', 'pms.outbox DELETE'],
    'the worker reads and empties the outbox'
);

SELECT is_empty(
    $$ SELECT * FROM pg_temp.may_execute('pms_worker', 'api') $$,
    'the worker has no business in api'
);

-- As those who would try

SET LOCAL ROLE pms_trader;
SELECT throws_ok(
    'SELECT * FROM pms.api_keys', '42501', 'permission denied for schema pms',
    'a trader cannot look behind api'
);
SET LOCAL ROLE pms_anon;
SELECT throws_ok(
    'SELECT * FROM pms.api_keys', '42501', 'permission denied for table api_keys',
    'nobody reads the keys'
);
SELECT throws_ok(
    'SELECT * FROM api.positions', '42501', 'permission denied for view positions',
    'nobody reads positions without a key'
);
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
