CREATE OR REPLACE FUNCTION pms.named_book(fields jsonb)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN coalesce(
    nullif(fields ->> 'strategy', ''), nullif(fields ->> 'book', ''), nullif(fields ->> 'tag', '')
);

COMMENT ON FUNCTION pms.named_book IS
'The book that a message names, as its strategy, book or tag; null where it names none.';

CREATE OR REPLACE FUNCTION pms.normalize_order_events(messages jsonb[])
RETURNS TABLE (
    ordinal integer,
    trace_id text,
    is_status boolean,
    is_funding boolean,
    status text,
    is_dry_run text,
    account text,
    asset text,
    mode text,
    position_side text,
    order_id text,
    execution_id text,
    funding_id text,
    event_id text,
    side text,
    quantity text,
    price text,
    fee text,
    fee_currency text,
    amount text,
    executed_at text,
    created_at text,
    book text
)
LANGUAGE sql
STABLE
AS $$
-- OFFSET 0: each step is computed once for all columns that read it (ADR 0002).
WITH body AS (
    SELECT
        m.ordinal::integer AS ordinal,
        m.doc,
        -- Some producers write null or {} for an order that is not there.
        CASE
            WHEN jsonb_typeof(m.doc -> 'order') = 'object' THEN nullif(m.doc -> 'order', '{}')
        END AS details,
        coalesce(m.doc ->> 'event_type', '') AS event_type
    FROM unnest(normalize_order_events.messages) WITH ORDINALITY m (doc, ordinal)
    OFFSET 0
),

-- A status event describes its order in details, and itself around them.
part AS (
    SELECT
        b.ordinal, b.doc, b.event_type,
        coalesce(b.details, b.doc) AS fields,
        CASE WHEN b.details IS NOT NULL THEN b.doc END AS envelope,
        b.details IS NOT NULL AS is_status,
        b.details IS NULL AND b.event_type = 'funding' AS is_funding
    FROM body b
    OFFSET 0
),

-- Each field is looked up once. An empty one leaves its place to the next that stands for it.
field AS (
    SELECT
        b.ordinal,
        b.is_status, b.is_funding,
        b.doc ->> 'trace_id' AS trace_id,
        coalesce(nullif(b.fields ->> 'status', ''), b.event_type) AS status,
        coalesce(nullif(b.fields ->> 'is_dry_run', ''), b.envelope ->> 'is_dry_run') AS is_dry_run,
        coalesce(nullif(b.fields ->> 'account', ''), b.envelope ->> 'account') AS account,
        b.fields ->> 'asset' AS asset,
        coalesce(nullif(b.fields ->> 'mode', ''), b.envelope ->> 'mode') AS mode,
        coalesce(
            nullif(b.fields ->> 'position_side', ''), b.envelope ->> 'position_side'
        ) AS position_side,
        coalesce(nullif(b.fields ->> 'order_id', ''), b.fields ->> 'id') AS order_id,
        coalesce(
            nullif(b.fields ->> 'execution_id', ''), nullif(b.envelope ->> 'execution_id', ''),
            nullif(b.fields ->> 'fill_id', ''), b.envelope ->> 'fill_id'
        ) AS execution_id,
        CASE WHEN b.is_funding THEN b.doc ->> 'funding_id' END AS funding_id,
        b.doc ->> 'event_id' AS event_id,
        b.fields ->> 'side' AS side,
        CASE
            WHEN b.is_status THEN b.fields ->> 'filled_quantity'
            ELSE coalesce(nullif(b.doc ->> 'execution_quantity', ''), b.doc ->> 'filled_quantity')
        END AS quantity,
        CASE
            WHEN b.is_status THEN b.fields ->> 'average_price'
            ELSE b.doc ->> 'execution_price'
        END AS price,
        CASE
            WHEN b.is_status THEN b.fields ->> 'fees'
            ELSE coalesce(nullif(b.doc ->> 'execution_fees', ''), b.doc ->> 'fees')
        END AS fee,
        coalesce(
            nullif(b.fields ->> 'fee_currency', ''), b.envelope ->> 'fee_currency'
        ) AS fee_currency,
        CASE WHEN b.is_funding THEN b.doc ->> 'amount' END AS amount,
        coalesce(
            nullif(b.fields ->> 'executed_at', ''), nullif(b.doc ->> 'timestamp', ''),
            b.fields ->> 'updated_at'
        ) AS executed_at,
        CASE WHEN b.is_status THEN b.fields ->> 'created_at' END AS created_at,
        coalesce(pms.named_book(b.fields), pms.named_book(b.envelope)) AS book
    FROM part b
    OFFSET 0
)

SELECT
    f.ordinal,
    left(pms.unless_blank(f.trace_id), 128),
    f.is_status,
    f.is_funding,
    lower(f.status),
    coalesce(pms.unless_blank(f.is_dry_run), 'false'),
    coalesce(pms.account_name(f.account), 'main'),
    a.asset,
    lower(btrim(pms.unless_blank(f.mode))),
    pms.position_side(pms.unless_blank(f.position_side)),
    pms.unless_blank(f.order_id),
    pms.unless_blank(f.execution_id),
    pms.unless_blank(f.funding_id),
    pms.unless_blank(f.event_id),
    pms.trade_side(f.side),
    pms.unless_blank(f.quantity),
    f.price,
    pms.unless_unset(pms.unless_blank(f.fee)),
    pms.asset_name(f.fee_currency),
    f.amount,
    pms.unless_blank(f.executed_at),
    f.created_at, f.book
FROM field f
CROSS JOIN LATERAL pms.asset_of(f.asset) a
OFFSET 0
$$;

COMMENT ON FUNCTION pms.normalize_order_events IS
$$The shapes of contract.md, section 2, brought to one row of texts per message

Each column is the field as the message writes it, or null; account and is_dry_run have their
defaults, and letters the case that matters.$$;

CREATE OR REPLACE FUNCTION pms.read_order_messages(messages jsonb[], has_bad_times boolean)
RETURNS SETOF pms.order_message
LANGUAGE sql
STABLE
AS $$
SELECT
    n.*,
    -- The venue's own numbers of the modes: 1 and 2 name the leg as well.
    CASE n.mode
        WHEN '0' THEN 'one-way'
        WHEN '1' THEN 'hedge'
        WHEN '2' THEN 'hedge'
        ELSE coalesce(
            n.mode,
            CASE WHEN n.position_side IN ('long', 'short') THEN 'hedge' ELSE 'one-way' END
        )
    END,
    CASE n.mode
        WHEN '1' THEN coalesce(n.position_side, 'long')
        WHEN '2' THEN coalesce(n.position_side, 'short')
        ELSE n.position_side
    END,
    pms.parse_decimal(n.quantity),
    pms.parse_decimal(n.price),
    pms.parse_decimal(n.fee),
    pms.parse_decimal(n.amount),
    CASE
        WHEN read_order_messages.has_bad_times THEN pms.parse_time(n.executed_at)
        ELSE pms.parse_time_strict(n.executed_at)
    END,
    -- A time that cannot be read, or is none, distinguishes no orders.
    nullif(
        greatest(
            CASE
                WHEN read_order_messages.has_bad_times THEN pms.parse_time(n.created_at)
                ELSE pms.parse_time_strict(n.created_at)
            END,
            '2000-01-01Z'
        ),
        '2000-01-01Z'
    )
FROM pms.normalize_order_events(read_order_messages.messages) n
OFFSET 0
$$;

COMMENT ON FUNCTION pms.read_order_messages IS
$$Order events with their modes, decimals and times read, one row per message

Raises class 22 for a time that looks like one and is none, unless has_bad_times.$$;
