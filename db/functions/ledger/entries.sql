-- The readers of entries are one statement each, so that they are inlined.
CREATE OR REPLACE FUNCTION pms.find_entry(account text, identity text)
RETURNS SETOF pms.ledger_entries
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT e.*
-- OFFSET 0: computed once, not for each partition (ADR 0002).
FROM (SELECT pms.identity_key(find_entry.account, find_entry.identity) AS key OFFSET 0) k
INNER JOIN pms.ledger_entries e ON k.key = e.identity_key
-- Other identities may have the same key. = would let the planner begin at the legs of the account,
-- which it does as long as it knows nothing of the keys (ADR 0002).
WHERE e.account IS NOT DISTINCT FROM find_entry.account
    AND e.identity = find_entry.identity
$$;

COMMENT ON FUNCTION pms.find_entry IS
'The entry that an identity names, voided or not; at most one.';

CREATE OR REPLACE FUNCTION pms.entries_of_identity(account text, identity text)
RETURNS SETOF pms.ledger_entries
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT e.*
FROM pms.ledger_entries e
WHERE e.identity_key = pms.identity_key(entries_of_identity.account, entries_of_identity.identity)
    -- As in pms.find_entry.
    AND e.account IS NOT DISTINCT FROM entries_of_identity.account
    AND pms.bare_identity(e.identity) = entries_of_identity.identity
$$;

COMMENT ON FUNCTION pms.entries_of_identity IS
'The entries of all fills that share a bare identity, see pms.qualified_identity.';

-- In PL/pgSQL, so that it stays a call: with a subquery in its place, PostgreSQL 15 does not look
-- up the next leg where entries_of_leg is read for several of them (ADR 0017).
CREATE OR REPLACE FUNCTION pms.leg_number(account text, asset text, mode text, leg text)
RETURNS integer
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN (
        SELECT l.leg_id
        FROM pms.legs l
        WHERE (l.account, l.asset, l.mode, l.leg) = (
            leg_number.account, leg_number.asset, leg_number.mode, leg_number.leg
        )
    );
END
$$;

COMMENT ON FUNCTION pms.leg_number IS 'The number of a leg; null when it has none.';

CREATE OR REPLACE FUNCTION pms.entries_of_leg(account text, asset text, mode text, leg text)
RETURNS SETOF pms.ledger_entries
LANGUAGE sql
STABLE
AS $$
SELECT e.*
FROM pms.ledger_entries e
WHERE e.leg_id = pms.leg_number(
        entries_of_leg.account, entries_of_leg.asset, entries_of_leg.mode, entries_of_leg.leg
    )
$$;

COMMENT ON FUNCTION pms.entries_of_leg IS
$$The entries of a leg, voided ones too

An index has them by executed_at; entries of one instant are sorted by id when they are read.$$;

CREATE OR REPLACE FUNCTION pms.entries_of_order(account text, order_id text)
RETURNS SETOF pms.ledger_entries
LANGUAGE sql
STABLE
AS $$
SELECT e.*
FROM pms.ledger_entries e
WHERE e.order_key = pms.order_key(entries_of_order.account, entries_of_order.order_id)
    -- Other orders may have the same key. As in pms.find_entry.
    AND e.account IS NOT DISTINCT FROM entries_of_order.account
    AND e.order_id = entries_of_order.order_id
$$;

COMMENT ON FUNCTION pms.entries_of_order IS
$$The entries of an order, voided ones too

Its totals (scheme o) and its other entries have an index each: a condition on scheme reads one.$$;

CREATE OR REPLACE FUNCTION pms.order_at(
    account text,
    asset text,
    order_id text,
    moment timestamptz,
    starts timestamptz[]
)
RETURNS timestamptz
LANGUAGE sql
STABLE
AS $$
SELECT coalesce(
    max(s.start) FILTER (WHERE s.start <= order_at.moment),
    min(s.start) FILTER (
        WHERE s.start <= order_at.moment + (SELECT c.clock_skew_limit FROM pms.settings c)
    )
)
FROM (
    SELECT pms.order_start(t.identity) AS start
    FROM pms.entries_of_order(order_at.account, order_at.order_id) t
    WHERE t.scheme = 'o'
        AND t.asset = order_at.asset
    UNION ALL
    SELECT u.start
    FROM unnest(order_at.starts) u (start)
) s
$$;

COMMENT ON FUNCTION pms.order_at IS
$$Which of the orders under one id an event at a moment is of, by its created_at

The newest that had begun by then; the first one may have begun up to clock_skew_limit later, as the
clocks deviate. Null: one that no total names, before the others. starts: orders of the batch.$$;

-- In PL/pgSQL, for statements that seldom need it.
CREATE OR REPLACE FUNCTION pms.order_of_entry(
    entry pms.ledger_entries,
    starts timestamptz[] DEFAULT NULL
)
RETURNS timestamptz
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN coalesce(
        CASE WHEN entry.scheme = 'o' THEN pms.order_start(entry.identity) END,
        pms.order_at(entry.account, entry.asset, entry.order_id, entry.executed_at, starts)
    );
END
$$;

COMMENT ON FUNCTION pms.order_of_entry IS
$$Which of the orders under one id an entry belongs to, by its created_at

By the identity of a total that names it, else as pms.order_at.$$;

CREATE OR REPLACE FUNCTION pms.counted_start(event pms.order_event)
RETURNS timestamptz
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN (
        SELECT max(s.start)
        FROM pms.entries_of_order(event.account, event.order_id) t
        CROSS JOIN LATERAL pms.order_start(t.identity) s (start)
        WHERE t.scheme = 'o'
            AND t.asset = event.asset
            AND t.executed_at = event.executed_at
            AND t.identity = pms.order_identity(
                event.order_id, abs(event.quantity), event.asset, s.start
            )
    );
END
$$;

COMMENT ON FUNCTION pms.counted_start IS
$$The created_at of the order that counted a total before, which names none; null: no order did

Sent again, the total stays with it: a newer order may have become known since.$$;

-- One expression, so that it is inlined.
CREATE OR REPLACE FUNCTION pms.order_of_event(event pms.order_event, starts timestamptz[])
RETURNS timestamptz
LANGUAGE sql
STABLE
RETURN coalesce(
    event.created_at,
    CASE WHEN event.is_cumulative THEN pms.counted_start(event) END,
    pms.order_at(
        event.account, event.asset, event.order_id, coalesce(event.executed_at, 'infinity'), starts
    )
);

COMMENT ON FUNCTION pms.order_of_event IS
$$Which of the orders under one id an event belongs to, by its created_at

The one it names, else the one that counted it before, else as pms.order_at.$$;

CREATE OR REPLACE FUNCTION pms.begin_orders(events pms.order_event[])
RETURNS pms.order_event[]
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN ARRAY(
        SELECT (
            b.ordinal, b.outcome, b.reason, b.detail, b.trace_id, b.account, b.asset, b.mode, b.leg,
            b.kind,
            CASE
                WHEN b.is_cumulative AND b.begun_at IS NOT NULL
                    THEN pms.order_identity(b.order_id, abs(b.quantity), b.asset, b.begun_at)
                ELSE b.identity
            END,
            b.order_id, b.is_cumulative, b.quantity, b.price, b.fee, b.fee_currency, b.amount,
            b.executed_at, coalesce(b.created_at, b.begun_at), b.price_scale, b.applied,
            b.book
        )::pms.order_event
        FROM (
            SELECT
                e.*,
                CASE WHEN e.created_at IS NULL AND e.kind = 'trade' THEN pms.order_of_event(
                    e::pms.order_event,
                    array_agg(e.created_at) FILTER (
                        WHERE e.outcome IS NULL OR e.reason = 'same_execution'
                    ) OVER (PARTITION BY e.account, e.order_id, e.asset)
                ) END AS begun_at
            FROM unnest(events) e
            -- Computed once for each column that reads it (ADR 0002).
            OFFSET 0
        ) b
    );
END
$$;

COMMENT ON FUNCTION pms.begin_orders IS
$$Order events, with the created_at of the order that those which name none belong to

Null where no total names one. The totals among them have it in their identity.$$;

CREATE OR REPLACE FUNCTION pms.standing_entry(account text, identity text)
RETURNS SETOF pms.ledger_entries
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT e.*
FROM (
    SELECT standing_entry.identity
    UNION ALL
    SELECT a.identity
    FROM pms.amendments a
    WHERE a.account = standing_entry.account
        AND a.amends = standing_entry.identity
        AND a.cause = 'correction'
) k (identity)
CROSS JOIN LATERAL pms.find_entry(standing_entry.account, k.identity) e
WHERE NOT EXISTS (
        SELECT 1
        FROM pms.voids v
        WHERE v.entry_id = e.id
    )
$$;

COMMENT ON FUNCTION pms.standing_entry IS $$The entry of an identity as it counts now

Corrected, it has another entry; so has an adjustment that moved behind a fill. No row: it was
busted.$$;

-- One expression, so that it is inlined: a batch makes its entries at no cost.
CREATE OR REPLACE FUNCTION pms.new_entry(
    account text,
    asset text,
    mode text,
    leg text,
    kind text,
    identity text,
    quantity numeric,
    executed_at timestamptz,
    recorded_at timestamptz,
    source text,
    trace_id text,
    order_id text DEFAULT NULL,
    price numeric DEFAULT NULL,
    fee numeric DEFAULT 0,
    fee_currency text DEFAULT NULL,
    fee_native numeric DEFAULT NULL,
    fee_rate numeric DEFAULT NULL,
    amount numeric DEFAULT NULL,
    realized numeric DEFAULT NULL,
    amends text DEFAULT NULL,
    cause text DEFAULT NULL,
    counter_account text DEFAULT NULL,
    closing_price numeric DEFAULT NULL,
    closing_source text DEFAULT NULL,
    book text DEFAULT NULL
)
RETURNS pms.ledger_entries
LANGUAGE sql
IMMUTABLE
AS $$
SELECT (
    account, NULL, asset, mode, leg, kind, identity, order_id, quantity, price,
    fee, fee_currency, fee_native, fee_rate, amount, realized, NULL, amends, cause,
    counter_account, executed_at, recorded_at, source, trace_id, NULL, NULL, NULL, NULL,
    closing_price, closing_source, book
)::pms.ledger_entries
$$;

COMMENT ON FUNCTION pms.new_entry IS $$An entry to post, by the names of its columns

What pms.post_entries assigns is null: id, version, leg_id and the keys.$$;

CREATE OR REPLACE FUNCTION pms.reported_quantity(entry pms.ledger_entries)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
RETURN (entry).quantity + CASE WHEN (entry).fee_rate = 0 THEN (entry).fee_native ELSE 0 END;

COMMENT ON FUNCTION pms.reported_quantity IS
'The quantity of an entry as it was reported, before a fee was taken from it.';
