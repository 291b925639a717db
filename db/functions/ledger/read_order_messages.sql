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
    created_at text
)
LANGUAGE sql
STABLE
AS $$
-- OFFSET 0: each step is computed once for all columns that read it (ADR 0002).
WITH body AS (
    SELECT
        m.ordinal::integer AS ordinal,
        m.doc,
        CASE
            WHEN jsonb_typeof(m.doc -> 'order') <> 'string'
                OR pms.unless_blank(m.doc ->> 'order') IS NOT NULL
                THEN m.doc -> 'order'
        END AS details,
        coalesce(m.doc ->> 'event_type', '') AS event_type
    FROM unnest(normalize_order_events.messages) WITH ORDINALITY m (doc, ordinal)
    OFFSET 0
),

-- A status event describes its order in details, and itself around them.
part AS (
    SELECT
        b.ordinal,
        b.doc,
        b.event_type,
        coalesce(b.details, b.doc) AS fields,
        CASE WHEN b.details IS NOT NULL THEN b.doc END AS envelope,
        b.details IS NOT NULL AS is_status,
        b.details IS NULL AND b.event_type = 'funding' AS is_funding
    FROM body b
    OFFSET 0
)

-- Fields are looked up once, those that stand in for them only where they are needed.
SELECT
    n.ordinal,
    left(pms.unless_blank(n.trace_id), 128),
    n.is_status,
    n.is_funding,
    lower(coalesce(pms.unless_blank(n.status), n.event_type)),
    coalesce(
        pms.unless_blank(n.is_dry_run), pms.unless_blank(n.envelope ->> 'is_dry_run'), 'false'
    ),
    pms.account_name(coalesce(
        pms.unless_blank(n.account), pms.unless_blank(n.envelope ->> 'account'), 'main'
    )),
    (SELECT a.asset FROM pms.asset_of(n.asset) a),
    lower(btrim(coalesce(pms.unless_blank(n.mode), pms.unless_blank(n.envelope ->> 'mode')))),
    pms.position_side(coalesce(
        pms.unless_blank(n.position_side), pms.unless_blank(n.envelope ->> 'position_side')
    )),
    coalesce(pms.unless_blank(n.order_id), pms.unless_blank(n.fields ->> 'id')),
    coalesce(
        pms.unless_blank(n.execution_id), pms.unless_blank(n.envelope ->> 'execution_id'),
        pms.unless_blank(n.fields ->> 'fill_id'), pms.unless_blank(n.envelope ->> 'fill_id')
    ),
    CASE WHEN n.is_funding THEN pms.unless_blank(n.doc ->> 'funding_id') END,
    pms.unless_blank(n.event_id),
    pms.trade_side(n.side),
    coalesce(
        pms.unless_blank(n.quantity),
        CASE WHEN NOT n.is_status THEN pms.unless_blank(n.doc ->> 'filled_quantity') END
    ),
    n.price,
    pms.unless_unset(coalesce(
        pms.unless_blank(n.fee),
        CASE WHEN NOT n.is_status THEN pms.unless_blank(n.doc ->> 'fees') END
    )),
    pms.asset_name(coalesce(
        pms.unless_blank(n.fee_currency), pms.unless_blank(n.envelope ->> 'fee_currency')
    )),
    CASE WHEN n.is_funding THEN n.doc ->> 'amount' END,
    coalesce(
        pms.unless_blank(n.executed_at), pms.unless_blank(n.doc ->> 'timestamp'),
        pms.unless_blank(n.fields ->> 'updated_at')
    ),
    CASE WHEN n.is_status THEN n.fields ->> 'created_at' END
FROM (
    SELECT
        b.*,
        b.doc ->> 'trace_id' AS trace_id,
        b.fields ->> 'status' AS status,
        b.fields ->> 'is_dry_run' AS is_dry_run,
        b.fields ->> 'account' AS account,
        b.fields ->> 'asset' AS asset,
        b.fields ->> 'mode' AS mode,
        b.fields ->> 'position_side' AS position_side,
        b.fields ->> 'order_id' AS order_id,
        b.fields ->> 'execution_id' AS execution_id,
        b.doc ->> 'event_id' AS event_id,
        b.fields ->> 'side' AS side,
        CASE
            WHEN b.is_status THEN b.fields ->> 'filled_quantity'
            ELSE b.doc ->> 'execution_quantity'
        END AS quantity,
        CASE
            WHEN b.is_status THEN b.fields ->> 'average_price'
            ELSE b.doc ->> 'execution_price'
        END AS price,
        CASE WHEN b.is_status THEN b.fields ->> 'fees' ELSE b.doc ->> 'execution_fees' END AS fee,
        b.fields ->> 'fee_currency' AS fee_currency,
        b.fields ->> 'executed_at' AS executed_at
    FROM part b
    OFFSET 0
) n
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
