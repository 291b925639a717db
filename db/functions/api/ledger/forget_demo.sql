CREATE OR REPLACE FUNCTION pms.delete_accounts(accounts text[])
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    -- The records of events and commands stay, and the progress of the verification.
    c_kept CONSTANT text[] := ARRAY['audit', 'event_log', 'verification_progress'];
    v_accounts CONSTANT text[] := accounts || ARRAY(
        SELECT pms.book_account(b.account, b.book)
        FROM pms.books b
        WHERE b.account = ANY(accounts)
    );
    v_legs integer[];
    v_assets text[];
    v_since timestamptz;
    v_entries bigint;
    v_table regclass;
BEGIN
    -- No job is under way: some have read what is deleted here.
    PERFORM pg_advisory_xact_lock(pms.job_lock(j.job))
    FROM (SELECT n.job FROM pms.jobs n ORDER BY n.job) j;

    PERFORM 1
    FROM pms.positions p
    WHERE p.account = ANY(v_accounts)
    ORDER BY p.account, p.asset, p.mode, p.leg
    FOR UPDATE;

    SELECT
        coalesce(array_agg(l.leg_id), '{}'),
        coalesce(array_agg(DISTINCT l.asset), '{}')
    INTO v_legs, v_assets
    FROM pms.legs l
    WHERE l.account = ANY(v_accounts);

    DELETE FROM pms.voids v
    USING pms.entries e
    WHERE v.entry_id = e.id
        AND e.leg_id = ANY(v_legs);

    WITH deleted AS (
        DELETE FROM pms.entries e
        WHERE e.leg_id = ANY(v_legs)
        RETURNING e.leg_id
    )

    SELECT count(*)
    INTO v_entries
    FROM deleted d
    INNER JOIN pms.legs l ON d.leg_id = l.leg_id
    WHERE NOT pms.is_book(l.account);

    DELETE FROM pms.leg_pnl p WHERE p.leg_id = ANY(v_legs);
    DELETE FROM pms.leg_pnl_marks p WHERE p.leg_id = ANY(v_legs);
    DELETE FROM pms.restated_pnl p WHERE p.leg_id = ANY(v_legs);

    -- Without these accounts the totals of all accounts would seem to fall: their history restarts.
    SELECT min(h.recorded_at)
    INTO v_since
    FROM pms.portfolio_history h
    WHERE h.account = ANY(v_accounts);

    DELETE FROM pms.portfolio_history h WHERE h.account = '*' AND h.recorded_at >= v_since;
    DELETE FROM pms.equity_marks m WHERE m.account = '*' AND m.recorded_at >= v_since;

    -- Before the legs to which they refer.
    DELETE FROM pms.positions p WHERE p.account = ANY(v_accounts);

    -- Every other table that is of accounts names them.
    FOR v_table IN
        SELECT c.oid::regclass
        FROM pg_catalog.pg_class c
        INNER JOIN pg_catalog.pg_attribute a ON c.oid = a.attrelid AND a.attname = 'account'
        WHERE c.relnamespace = 'pms'::regnamespace
            AND c.relkind IN ('r', 'p')
            AND NOT c.relispartition
            AND c.relname <> ALL(c_kept)
    LOOP
        EXECUTE format('DELETE FROM %s WHERE account = ANY($1)', v_table)
        USING v_accounts;
    END LOOP;

    -- The sums of an asset are those of the legs that are left.
    DELETE FROM pms.asset_pnl p WHERE p.asset = ANY(v_assets);

    INSERT INTO pms.asset_pnl (
        asset, quarter_hour, size, cost, realized, fees_open, fees_close, funding
    )
    SELECT
        l.asset, p.quarter_hour, sum(p.size), sum(p.cost), sum(p.realized), sum(p.fees_open),
        sum(p.fees_close), sum(p.funding)
    FROM pms.legs l
    INNER JOIN pms.leg_pnl p ON l.leg_id = p.leg_id
    WHERE l.asset = ANY(v_assets)
        AND NOT pms.is_book(l.account)
    GROUP BY l.asset, p.quarter_hour;

    RETURN v_entries;
END
$$;

COMMENT ON FUNCTION pms.delete_accounts IS
$$Delete accounts with everything that was ever recorded of them; the number of entries

Their books with them, whose entries are not counted again. The audit log and the published
events stay. The history of the totals of all accounts is deleted from the first moment that
these accounts are part of.$$;

CREATE OR REPLACE FUNCTION api.forget_demo()
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    c_trace CONSTANT text := '^demo-[0-9a-f]{8}-[0-9]+$';
    -- A bust of it, too.
    c_cash CONSTANT text := '^(bust:)?cash:demo-[0-9a-f]{8}-[0-9]+$';
    v_accounts text[] := ARRAY(
        SELECT l.account
        FROM pms.legs l
        INNER JOIN pms.entries e ON l.leg_id = e.leg_id
        WHERE pms.is_demo(l.account)
            AND NOT pms.is_book(l.account)
            AND NOT EXISTS (
                SELECT 1
                FROM pms.cash_entries k
                WHERE k.account = l.account
                    AND k.identity !~ c_cash
            )
        GROUP BY l.account
        -- A trade or a payment that the demo has not sent makes it an account of somebody else.
        HAVING bool_and(coalesce(e.trace_id ~ c_trace, FALSE) OR e.kind NOT IN ('t', 'f', 'x'))
        ORDER BY l.account
    );
    v_assets text[];
    v_entries bigint := pms.delete_accounts(v_accounts);
BEGIN
    v_assets := ARRAY(
        SELECT p.asset
        FROM pms.prices p
        WHERE p.trace_id LIKE 'demo-%'
            AND NOT EXISTS (SELECT 1 FROM pms.legs l WHERE l.asset = p.asset)
    );
    DELETE FROM pms.corporate_actions a WHERE a.trace_id ~ c_trace AND a.asset = ANY(v_assets);
    DELETE FROM pms.price_conversions c WHERE c.asset = ANY(v_assets);
    DELETE FROM pms.price_bars b WHERE b.asset = ANY(v_assets);
    DELETE FROM pms.prices p WHERE p.asset = ANY(v_assets);

    -- Some of its malformed messages name no account.
    DELETE FROM pms.rejected_messages m
    WHERE m.trace_id ~ c_trace
        OR position('"order_id":"bad-demo-'::bytea IN m.body) > 0;

    PERFORM pms.audit_command(
        'forget_demo',
        jsonb_build_object('accounts', to_jsonb(v_accounts), 'entries', v_entries)
    );
    RETURN v_entries;
END
$$;

COMMENT ON FUNCTION api.forget_demo IS
$$Delete the accounts of the demo with their books and cash; the number of their entries

They are those named demo-… in which nobody else has recorded a fill, a payment, a transfer or
cash. Their entries leave the ledger and the totals, and so do the prices of assets that no other
account has traded. The history of the totals of all accounts restarts. The audit log and the
published events stay.$$;

GRANT EXECUTE ON FUNCTION api.forget_demo TO pms_operator;
