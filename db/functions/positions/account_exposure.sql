CREATE OR REPLACE FUNCTION pms.account_exposure(account text)
RETURNS numeric
LANGUAGE plpgsql
STABLE
-- For the readers of a view, who have no rights on the tables.
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_kept CONSTANT numeric := (
        SELECT coalesce(
            sum(
                t.exposure * (SELECT r.rate FROM pms.usdt_rates r WHERE r.currency = t.currency)
            ),
            0
        )
        FROM pms.account_totals t
        WHERE t.account = account_exposure.account
    );
    v_unmarked CONSTANT text[] := ARRAY(SELECT m.asset FROM pms.prices m WHERE NOT m.is_marked);
BEGIN
    IF v_unmarked = '{}' THEN
        RETURN v_kept;
    END IF;

    -- The planner cannot know which is less: these prices or the legs of this account.
    IF cardinality(v_unmarked) <= 100 THEN
        RETURN v_kept + (
            SELECT coalesce(sum(l.exposure_change_usdt), 0)
            FROM unnest(v_unmarked) a (asset)
            -- OFFSET 0 keeps both columns conditions of the index (ADR 0002).
            CROSS JOIN LATERAL (
                SELECT u.exposure_change_usdt
                FROM pms.unmarked_legs u
                WHERE u.account = account_exposure.account
                    AND u.asset = a.asset
                OFFSET 0
            ) l
        );
    END IF;

    RETURN v_kept + (
        SELECT coalesce(sum(l.exposure_change_usdt), 0)
        FROM pms.unmarked_legs l
        WHERE l.account = account_exposure.account
    );
END
$$;

COMMENT ON FUNCTION pms.account_exposure IS
$$The exposure of an account in USDT, at the newest prices

The sum over its open legs with a price and a rate. It is kept: of the legs, it reads only those that
are not stored with their newest price yet.$$;

GRANT EXECUTE ON FUNCTION pms.account_exposure
TO pms_reader, pms_trader, pms_operator, pms_analyst;
