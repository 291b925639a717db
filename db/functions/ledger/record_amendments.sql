CREATE OR REPLACE FUNCTION pms.record_amendments(
    events pms.amendment_event[],
    incoming pms.ledger_entries[],
    recorded_at timestamptz,
    source text
)
RETURNS SETOF pms.amendment_event
LANGUAGE sql
AS $$
WITH first AS (
    SELECT DISTINCT ON (e.account, e.identity) e.*
    FROM unnest(record_amendments.events) e
    WHERE e.outcome IS NULL
    ORDER BY e.account, e.identity, e.ordinal
),

taken AS (
    INSERT INTO pms.amendments (
        account, identity, amends, cause, side, quantity, price, fee, fee_currency, executed_at,
        amended_at, recorded_at, source, trace_id
    )
    SELECT
        f.account, f.identity, f.amends, f.cause, f.side, f.quantity, f.price, f.fee,
        f.fee_currency, f.executed_at, coalesce(f.amended_at, record_amendments.recorded_at),
        record_amendments.recorded_at, record_amendments.source, f.trace_id
    FROM first f
    ON CONFLICT ON CONSTRAINT amendments_pkey DO NOTHING
),

compared AS (
    SELECT
        e.*,
        a.identity IS NULL AND e.ordinal = f.ordinal AS is_new,
        e.cause = 'correction' AND (
            e.amends, e.side, e.quantity, e.price, e.fee, e.fee_currency, e.executed_at,
            e.amended_at
        ) IS DISTINCT FROM CASE
            WHEN a.identity IS NULL
                THEN (
                    f.amends, f.side, f.quantity, f.price, f.fee, f.fee_currency, f.executed_at,
                    f.amended_at
                )
            ELSE (
                a.amends, a.side, a.quantity, a.price, a.fee, a.fee_currency, a.executed_at,
                a.amended_at
            )
        END AS is_other,
        EXISTS (
            SELECT 1 FROM pms.find_entry(e.account, e.amends)
        )
        OR (e.account, e.amends) IN (
            SELECT n.account, n.identity FROM unnest(record_amendments.incoming) n
        ) AS has_entry
    FROM unnest(record_amendments.events) e
    LEFT JOIN first f ON e.account = f.account AND e.identity = f.identity
    -- As they were before: a statement does not see what it writes.
    LEFT JOIN pms.amendments a ON e.account = a.account AND e.identity = a.identity
)

SELECT
    c.ordinal,
    CASE
        WHEN c.outcome IS NOT NULL THEN c.outcome
        WHEN c.is_new THEN 'applied'
        WHEN c.is_other THEN 'rejected'
        ELSE 'duplicate'
    END,
    CASE
        WHEN c.outcome IS NOT NULL THEN c.reason
        WHEN c.is_new THEN CASE WHEN NOT c.has_entry THEN 'pending_fill' END
        WHEN c.is_other THEN 'identity_conflict'
    END,
    CASE
        WHEN c.outcome IS NOT NULL THEN c.detail
        WHEN c.is_new THEN CASE WHEN NOT c.has_entry THEN c.amends || ': not recorded yet' END
        WHEN c.is_other THEN pms.conflict_detail(c.identity)
    END,
    c.trace_id, c.account, c.identity, c.amends, c.cause, c.side, c.quantity, c.price, c.fee,
    c.fee_currency, c.executed_at, c.amended_at
FROM compared c
$$;

COMMENT ON FUNCTION pms.record_amendments IS $$Take note of busts and corrections; one outcome each

pms.apply_amendments applies them to the ledger. The same one again is a duplicate; the same
identity with other content is rejected. One whose entry is neither recorded nor incoming waits for
it. Call it with the table of amendments locked.$$;
