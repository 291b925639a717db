CREATE OR REPLACE FUNCTION pms.archived_objection(event pms.order_event)
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN CASE
        WHEN event.executed_at < pms.ledger_closed_until()
            THEN 'executed_at: ' || pms.archived_period_text()
        WHEN pms.is_archived('i', pms.identity_key(event.account, event.identity))
            -- A venue may give an id to fills of several assets, and to both sides.
            AND (
                pms.identity_scheme(event.identity) NOT IN ('e', 'l')
                OR pms.is_archived(
                    'f',
                    pms.fill_key(
                        pms.identity_key(event.account, event.identity), event.asset, event.leg,
                        event.quantity
                    )
                )
            )
            THEN event.identity || ': is recorded; ' || pms.archived_period_text()
        WHEN pms.is_archived('t', pms.order_hash(event.account, event.order_id))
            OR (
                event.is_cumulative
                AND pms.is_archived('o', pms.order_hash(event.account, event.order_id))
            )
            THEN 'order_id: has earlier fills; ' || pms.archived_period_text()
    END;
END
$$;

COMMENT ON FUNCTION pms.archived_objection IS
$$Why an order event cannot be counted beside what is archived; null: it can

Its time, its identity, or its order, where a total counts what is archived, or would.$$;

CREATE OR REPLACE FUNCTION pms.refuse_archived(events pms.order_event[])
RETURNS pms.order_event[]
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pms.ledger_archives) THEN
        RETURN events;
    END IF;

    RETURN ARRAY(
        SELECT CASE
            WHEN o.objection IS NULL THEN e::pms.order_event
            ELSE (
                e.ordinal, 'rejected', 'archived_period', o.objection,
                e.trace_id, e.account, e.asset, e.mode, e.leg, e.kind, e.identity, e.order_id,
                e.is_cumulative, e.quantity, e.price, e.fee, e.fee_currency, e.amount,
                e.executed_at, e.created_at, e.price_scale, e.applied, e.book
            )::pms.order_event
        END
        FROM unnest(events) e
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN e.outcome IS NULL THEN pms.archived_objection(e::pms.order_event)
            END AS objection
            -- Asked once, not by each column that reads it (ADR 0002).
            OFFSET 0
        ) o
        ORDER BY e.ordinal
    );
END
$$;

COMMENT ON FUNCTION pms.refuse_archived IS
$$Order events; those about an archived period are rejected (archived_period)

Call it with the lock of pms.lock_rules: no period is closed meanwhile.$$;

CREATE OR REPLACE FUNCTION pms.refuse_archived_amendments(events pms.amendment_event[])
RETURNS pms.amendment_event[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_until CONSTANT timestamptz := pms.ledger_closed_until();
BEGIN
    IF v_until IS NULL THEN
        RETURN events;
    END IF;

    RETURN ARRAY(
        SELECT CASE
            WHEN o.field IS NULL THEN e::pms.amendment_event
            ELSE (
                e.ordinal, 'rejected', 'archived_period',
                o.field || ': ' || pms.archived_period_text(),
                e.trace_id, e.account, e.identity, e.amends, e.cause, e.side, e.quantity, e.price,
                e.fee, e.fee_currency, e.executed_at, e.amended_at, e.named_by_id, e.named_asset,
                e.named_leg, e.named_side, e.named_order
            )::pms.amendment_event
        END
        FROM unnest(events) e
        CROSS JOIN LATERAL (
            SELECT
                coalesce(bool_or(n.executed_at < v_until), FALSE) AS in_closed,
                coalesce(bool_or(n.executed_at >= v_until), FALSE) AS in_open
            FROM pms.entries_of_identity(e.account, pms.bare_identity(e.amends)) n
            WHERE pms.amendment_fits(
                    e.cause, e.named_asset, e.named_leg, e.named_side, e.named_order,
                    n.asset, n.leg, n.quantity, n.order_id
                )
        ) found
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN e.outcome IS NOT NULL THEN NULL
                WHEN e.executed_at < v_until THEN 'executed_at'
                WHEN found.in_closed THEN e.amends
                -- One that names no asset or side may mean the archived one.
                WHEN pms.is_archived('i', pms.identity_key(e.account, e.amends))
                    AND NOT (
                        found.in_open
                        AND num_nulls(e.named_asset, coalesce(e.named_side, e.side)) = 0
                    )
                    THEN e.amends
            END AS field
            OFFSET 0
        ) o
        ORDER BY e.ordinal
    );
END
$$;

COMMENT ON FUNCTION pms.refuse_archived_amendments IS
'Busts and corrections; those of entries of an archived period are rejected (archived_period).';
