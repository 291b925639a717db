CREATE OR REPLACE FUNCTION api.set_capital(
    amount numeric,
    account text DEFAULT 'main',
    effective_at timestamptz DEFAULT NULL
)
RETURNS timestamptz
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[('account', 'account', set_capital.account)]::pms.argument[], '{account}'
    );
    v_account text := pms.require_account(asked.value ->> 'account');
    v_effective_at timestamptz := coalesce(
        set_capital.effective_at,
        CASE
            WHEN NOT EXISTS (SELECT 1 FROM pms.capital c WHERE c.account = v_account)
                THEN (
                    -- A clock may be ahead.
                    SELECT least(min(f.executed_at), min(a.quarter_hour), now())
                    FROM pms.legs l
                    LEFT JOIN LATERAL (
                        -- One look into the index, however long the ledger is.
                        SELECT e.executed_at
                        FROM pms.entries e
                        WHERE e.leg_id = l.leg_id
                            AND NOT EXISTS (SELECT 1 FROM pms.voids v WHERE v.entry_id = e.id)
                        ORDER BY e.executed_at
                        LIMIT 1
                    ) f ON TRUE
                    LEFT JOIN LATERAL (
                        SELECT c.quarter_hour
                        FROM pms.leg_pnl c
                        WHERE c.leg_id = l.leg_id
                            AND c.quarter_hour < pms.ledger_begins_at()
                        ORDER BY c.quarter_hour
                        LIMIT 1
                    ) a ON TRUE
                    WHERE l.account = v_account
                )
        END,
        now()
    );
BEGIN
    IF asked.objections IS NOT NULL
        OR (set_capital.amount >= 0 AND set_capital.amount < 1e20) IS NOT TRUE
        OR NOT isfinite(v_effective_at)
    THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'no such capital can be',
            DETAIL = format(
                '%s of %L from %s', set_capital.amount, set_capital.account, v_effective_at
            ),
            HINT = 'An amount is from 0 to below 10^20 USDT, of an account, from a moment on.';
    END IF;

    INSERT INTO pms.capital AS c (account, effective_at, amount)
    VALUES (v_account, v_effective_at, set_capital.amount)
    ON CONFLICT ON CONSTRAINT capital_pkey DO UPDATE
    SET amount = excluded.amount;
    PERFORM pms.audit_command(
        'set_capital',
        jsonb_build_object(
            'amount', set_capital.amount,
            'account', set_capital.account,
            'effective_at', v_effective_at
        ),
        v_account
    );
    RETURN v_effective_at;
END
$$;

COMMENT ON FUNCTION api.set_capital IS $$Say what an account has to trade with, from a moment on

amount: all of it, in USDT; what is added or taken out is neither gain nor loss. Equity is capital +
net PnL. effective_at: by default, the first capital of an account counts from its first entry, or
the quarter hour of an archived one, and a later one from now. Answers that moment. Minutes of the history that are kept stay as they are.

Refuses with:
- 400 `no such capital can be`
- 421 as pms.require_own_accounts$$;

GRANT EXECUTE ON FUNCTION api.set_capital TO pms_operator;
