CREATE OR REPLACE FUNCTION pms.wrong_account_totals(accounts text[])
RETURNS TABLE (account text, currency text, stored numeric, expected numeric)
LANGUAGE sql
STABLE
AS $$
SELECT u.account, u.currency, sum(u.stored), sum(u.expected)
FROM (
    SELECT t.account, t.currency, t.exposure AS stored, 0 AS expected
    FROM pms.account_totals t
    WHERE t.account = ANY(wrong_account_totals.accounts)
    UNION ALL
    SELECT p.account, i.settlement_currency, 0, p.exposure
    FROM pms.positions p
    INNER JOIN pms.instruments i ON p.asset = i.asset
    WHERE p.account = ANY(wrong_account_totals.accounts)
) u
GROUP BY u.account, u.currency
HAVING sum(u.stored) <> sum(u.expected)
$$;

COMMENT ON FUNCTION pms.wrong_account_totals IS
$$Where the kept exposure of accounts is not the sum over their legs$$;

CREATE OR REPLACE FUNCTION pms.restore_account_totals(accounts text[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_wrong CONSTANT text[] := ARRAY(
        SELECT DISTINCT w.account FROM pms.wrong_account_totals(restore_account_totals.accounts) w
    );
BEGIN
    IF v_wrong = '{}' THEN
        RETURN;
    END IF;

    -- With all legs locked nobody else adds to the totals.
    PERFORM pms.lock_stored_legs(ARRAY(
        SELECT (p.account, p.asset, p.mode, p.leg)::pms.leg_key
        FROM pms.positions p
        WHERE p.account = ANY(v_wrong)
    ));
    PERFORM pms.add_exposures(ARRAY(
        SELECT (w.account, w.currency, w.expected - w.stored)::pms.exposure_change
        FROM pms.wrong_account_totals(v_wrong) w
    ));
END
$$;

COMMENT ON FUNCTION pms.restore_account_totals IS
$$Set the kept exposure of accounts to the sum over their legs, where it differs$$;
