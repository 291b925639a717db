CREATE OR REPLACE FUNCTION pms.add_exposures(changes pms.exposure_change[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO pms.account_totals AS t (account, writer, currency, exposure)
    SELECT c.account, pg_backend_pid(), c.currency, sum(c.exposure)
    FROM unnest(add_exposures.changes) c
    GROUP BY c.account, c.currency
    ORDER BY c.account, c.currency
    ON CONFLICT ON CONSTRAINT account_totals_pkey DO UPDATE
    SET exposure = t.exposure + excluded.exposure
    WHERE excluded.exposure <> 0;
END
$$;

COMMENT ON FUNCTION pms.add_exposures IS $$Add to the kept exposure of accounts

Call it in the transaction that changes the exposure of their legs. Each session adds to rows of its
own, so that two writers on one account never wait for each other.$$;

CREATE OR REPLACE FUNCTION pms.merge_account_totals(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE sql
AS $$
WITH ended AS (
    SELECT t.account, t.writer, t.currency
    FROM pms.account_totals t
    WHERE t.writer <> 0
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity a WHERE a.pid = t.writer)
    ORDER BY t.account, t.writer, t.currency
    LIMIT 10000
    -- A new session may have the number of one that ended.
    FOR UPDATE OF t SKIP LOCKED
),

taken AS (
    DELETE FROM pms.account_totals t
    USING ended e
    WHERE (t.account, t.writer, t.currency) = (e.account, e.writer, e.currency)
    RETURNING t.account, t.currency, t.exposure
),

merged AS (
    INSERT INTO pms.account_totals AS t (account, writer, currency, exposure)
    SELECT n.account, 0, n.currency, sum(n.exposure)
    FROM taken n
    GROUP BY n.account, n.currency
    ORDER BY n.account, n.currency
    ON CONFLICT ON CONSTRAINT account_totals_pkey DO UPDATE
    SET exposure = t.exposure + excluded.exposure
)

SELECT
    CASE WHEN count(*) = 10000 THEN jsonb_build_object('more', TRUE) END,
    CASE WHEN count(*) < 10000 THEN format('%s rows merged', count(*)) END
FROM taken
$$;

COMMENT ON FUNCTION pms.merge_account_totals IS
$$Merge the kept totals of sessions that have ended: a job, in steps of 10000 rows

The total of an account is the sum over its writers, so nothing changes for a reader.$$;

CREATE OR REPLACE FUNCTION pms.clear_exposures(keys pms.leg_key[], currency text)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_exposures pms.exposure_change[];
BEGIN
    WITH cleared AS (
        UPDATE pms.positions p
        SET exposure = 0
        FROM unnest(keys) k
        INNER JOIN pms.positions o USING (account, asset, mode, leg)
        WHERE (p.account, p.asset, p.mode, p.leg) = (k.account, k.asset, k.mode, k.leg)
            AND o.exposure <> 0
        RETURNING p.account, -o.exposure AS exposure
    )

    SELECT array_agg((c.account, currency, c.exposure)::pms.exposure_change)
    INTO v_exposures
    FROM cleared c;
    PERFORM pms.add_exposures(v_exposures);
END
$$;

COMMENT ON FUNCTION pms.clear_exposures IS
$$Take the exposure of legs out of the totals of their accounts

currency: the one they settle in, which is about to change. The legs must be locked.$$;
