CREATE OR REPLACE FUNCTION pms.parse_order_events(messages jsonb[], has_bad_times boolean)
RETURNS SETOF pms.order_event
LANGUAGE sql
STABLE
AS $$
-- OFFSET 0 keeps each step from being computed again by every column that reads it, and hands
-- the rows on without storing them.
WITH body AS (
    SELECT
        m.ordinal::integer AS ordinal,
        m.doc,
        m.doc -> 'order' AS details
    FROM unnest(parse_order_events.messages) WITH ORDINALITY m (doc, ordinal)
    OFFSET 0
),

-- What a status event says of its order is in details, what it says of itself around them.
part AS (
    SELECT
        b.ordinal,
        b.doc,
        coalesce(b.details, b.doc) AS fields,
        CASE WHEN b.details IS NOT NULL THEN b.doc END AS envelope,
        b.details IS NOT NULL AS is_status
    FROM body b
    OFFSET 0
),

-- The shapes of contract.md, section 2, brought to one.
literal AS (
    SELECT
        b.ordinal,
        b.is_status,
        left(b.doc ->> 'trace_id', 128) AS trace_id,
        lower(coalesce(b.fields ->> 'status', b.doc ->> 'event_type', '')) AS status,
        coalesce(b.fields ->> 'is_dry_run', b.envelope ->> 'is_dry_run', 'false') AS is_dry_run,
        coalesce(b.fields ->> 'account', b.envelope ->> 'account', 'main') AS account,
        upper(b.fields ->> 'asset') AS asset,
        lower(coalesce(b.fields ->> 'mode', b.envelope ->> 'mode')) AS mode,
        lower(
            coalesce(b.fields ->> 'position_side', b.envelope ->> 'position_side')
        ) AS position_side,
        coalesce(b.fields ->> 'order_id', b.fields ->> 'id') AS order_id,
        coalesce(
            b.fields ->> 'execution_id', b.envelope ->> 'execution_id',
            b.fields ->> 'fill_id', b.envelope ->> 'fill_id'
        ) AS execution_id,
        b.doc ->> 'funding_id' AS funding_id,
        b.doc ->> 'event_id' AS event_id,
        lower(b.fields ->> 'side') AS side,
        CASE
            WHEN b.is_status THEN b.fields ->> 'filled_quantity'
            ELSE coalesce(b.doc ->> 'execution_quantity', b.doc ->> 'filled_quantity')
        END AS quantity,
        CASE
            WHEN b.is_status THEN b.fields ->> 'average_price'
            ELSE b.doc ->> 'execution_price'
        END AS price,
        CASE
            WHEN b.is_status THEN b.fields ->> 'fees'
            ELSE coalesce(b.doc ->> 'execution_fees', b.doc ->> 'fees')
        END AS fee,
        upper(
            coalesce(b.fields ->> 'fee_currency', b.envelope ->> 'fee_currency')
        ) AS fee_currency,
        coalesce(
            b.fields ->> 'executed_at', b.doc ->> 'timestamp', b.fields ->> 'updated_at'
        ) AS executed_at,
        b.doc ->> 'event_type' = 'funding' AND NOT b.is_status AS is_funding,
        b.doc ->> 'amount' AS amount
    FROM part b
    OFFSET 0
),

typed AS (
    SELECT
        l.*,
        -- The venue's own numbers of the modes: 1 and 2 name the leg as well.
        CASE l.mode
            WHEN '0' THEN 'one-way'
            WHEN '1' THEN 'hedge'
            WHEN '2' THEN 'hedge'
            ELSE coalesce(
                l.mode,
                CASE WHEN l.position_side IN ('long', 'short') THEN 'hedge' ELSE 'one-way' END
            )
        END AS mode_or_default,
        CASE l.mode
            WHEN '1' THEN coalesce(l.position_side, 'long')
            WHEN '2' THEN coalesce(l.position_side, 'short')
            ELSE l.position_side
        END AS side_or_default,
        pms.parse_decimal(l.quantity) AS quantity_read,
        pms.parse_decimal(l.price) AS price_read,
        pms.parse_decimal(l.fee) AS fee_read,
        pms.parse_decimal(l.amount) AS amount_read,
        CASE
            WHEN parse_order_events.has_bad_times THEN pms.parse_time(l.executed_at)
            ELSE pms.parse_time_strict(l.executed_at)
        END AS executed_at_read
    FROM literal l
    OFFSET 0
),

judged AS (
    SELECT
        t.*,
        CASE
            WHEN t.is_dry_run = 'true' THEN ARRAY['ignored', 'dry_run', 'is_dry_run: true']
            WHEN NOT t.is_status AND t.status IN ('trade_busted', 'trade_corrected')
                THEN ARRAY['deferred', t.status, NULL]
            WHEN t.is_status AND t.status NOT IN ('filled', 'partially_filled')
                AND coalesce(t.quantity_read, 0) = 0 AND (t.quantity IS NULL OR t.quantity_read = 0)
                THEN ARRAY['ignored', 'nothing_filled', 'order.status: ' || left(t.status, 32)]
            WHEN NOT t.is_status AND t.status IN ('cancelled', 'rejected', 'created', 'modified')
                AND t.quantity IS NULL
                THEN ARRAY['ignored', 'nothing_filled', 'event_type: ' || t.status]
            WHEN NOT t.is_status
                AND t.status NOT IN ('order_executed', 'position_updated_from_order')
                AND NOT t.is_funding
                THEN ARRAY['rejected', 'unknown_event', 'event_type: not an order event we know']
            WHEN t.account !~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' OR length(t.account) > 64
                THEN ARRAY['rejected', 'invalid_account', 'account: not a name of an account']
            WHEN t.asset IS NULL OR t.asset !~ '^[A-Z0-9][A-Z0-9._-]*$' OR length(t.asset) > 32
                THEN ARRAY['rejected', 'invalid_asset', 'asset: missing or malformed']
            WHEN t.mode_or_default NOT IN ('one-way', 'hedge')
                THEN ARRAY['rejected', 'invalid_mode', 'mode: must be one-way or hedge']
            WHEN t.mode_or_default = 'hedge'
                AND coalesce(t.side_or_default, '') NOT IN ('long', 'short')
                THEN ARRAY[
                    'rejected', 'leg_missing',
                    'position_side: a fill in hedge mode must name its leg, long or short'
                ]
            WHEN t.mode_or_default = 'one-way' AND t.side_or_default IN ('long', 'short')
                OR (t.mode, t.side_or_default) IN (('1', 'short'), ('2', 'long'))
                THEN ARRAY[
                    'rejected', 'invalid_position_side',
                    'position_side: not a leg of this mode, which is ' || t.mode
                ]
            WHEN t.is_funding AND t.funding_id IS NULL
                THEN ARRAY['rejected', 'funding_id_missing', 'funding_id: missing']
            WHEN t.is_funding AND length(t.funding_id) NOT BETWEEN 1 AND 128
                THEN ARRAY[
                    'rejected', 'invalid_funding_id', 'funding_id: must have 1 to 128 characters'
                ]
            WHEN t.is_funding AND t.amount_read IS NULL
                THEN ARRAY[
                    'rejected', 'invalid_amount',
                    'amount: must be a decimal, |x| < 10^20, at most 18 fractional digits'
                ]
            WHEN t.is_funding AND t.executed_at IS NULL
                THEN ARRAY['rejected', 'invalid_time', 'executed_at: missing']
            WHEN NOT t.is_funding AND coalesce(t.side, '') NOT IN ('buy', 'sell')
                THEN ARRAY['rejected', 'invalid_side', 'side: must be buy or sell']
            WHEN NOT t.is_funding AND t.order_id IS NULL
                AND (t.is_status OR t.execution_id IS NULL)
                THEN ARRAY['rejected', 'order_id_missing', 'order_id: missing']
            WHEN length(t.order_id) > 128 OR t.order_id = ''
                THEN ARRAY[
                    'rejected', 'invalid_order_id', 'order_id: must have 1 to 128 characters'
                ]
            WHEN length(t.execution_id) > 128 OR t.execution_id = ''
                THEN ARRAY[
                    'rejected', 'invalid_execution_id',
                    'execution_id: must have 1 to 128 characters'
                ]
            WHEN length(t.event_id) > 128
                THEN ARRAY['rejected', 'invalid_event_id', 'event_id: at most 128 characters']
            WHEN NOT t.is_funding AND (t.quantity_read IS NULL OR t.quantity_read <= 0)
                THEN ARRAY[
                    'rejected', 'invalid_quantity',
                    CASE
                        WHEN t.is_status THEN 'order.filled_quantity'
                        WHEN t.status = 'order_executed' THEN 'execution_quantity'
                        ELSE 'filled_quantity'
                    END || ': must be a decimal > 0, < 10^20, at most 18 fractional digits'
                ]
            WHEN NOT t.is_funding AND (
                t.price_read IS NULL
                OR (
                    t.price_read <= 0
                    AND NOT EXISTS (
                        SELECT 1
                        FROM pms.instruments i
                        WHERE i.asset = t.asset AND i.allows_negative_price
                    )
                )
            )
                THEN ARRAY[
                    'rejected', 'invalid_price',
                    CASE WHEN t.is_status THEN 'order.average_price' ELSE 'execution_price' END
                    || ': must be a decimal > 0, < 10^20, at most 18 fractional digits'
                ]
            WHEN t.fee IS NOT NULL AND t.fee_read IS NULL
                THEN ARRAY[
                    'rejected', 'invalid_fee',
                    CASE WHEN t.is_status THEN 'order.fees' ELSE 'execution_fees' END
                    || ': must be a decimal, |x| < 10^20, at most 18 fractional digits'
                ]
            WHEN t.fee_currency !~ '^[A-Z0-9]{2,16}$'
                THEN ARRAY[
                    'rejected', 'invalid_fee_currency',
                    'fee_currency: must be 2 to 16 letters and digits'
                ]
            WHEN t.executed_at IS NOT NULL AND t.executed_at_read IS NULL
                THEN ARRAY[
                    'rejected', 'invalid_time',
                    CASE WHEN t.is_status THEN 'timestamp' ELSE 'executed_at' END
                    || ': must be an ISO 8601 time'
                ]
            WHEN t.executed_at_read > (SELECT now() + s.clock_skew_limit FROM pms.settings s)
                THEN ARRAY['rejected', 'time_in_future', 'executed_at: lies in the future']
        END AS verdict
    FROM typed t
    OFFSET 0
)

SELECT
    j.ordinal,
    j.verdict[1],
    j.verdict[2],
    j.verdict[3],
    j.trace_id,
    j.account,
    j.asset,
    j.mode_or_default,
    CASE WHEN j.mode_or_default = 'hedge' THEN j.side_or_default ELSE 'net' END,
    CASE WHEN j.is_funding THEN 'funding' ELSE 'trade' END,
    CASE
        WHEN j.is_funding
            THEN concat_ws(
                ':', 'funding', j.asset, j.mode_or_default,
                CASE WHEN j.mode_or_default = 'hedge' THEN j.side_or_default ELSE 'net' END,
                extract(EPOCH FROM j.executed_at_read), j.funding_id
            )
        WHEN j.is_status THEN 'order:' || j.order_id || ':' || j.quantity_read
        WHEN j.execution_id IS NOT NULL THEN 'execution:' || j.execution_id
        WHEN j.event_id IS NOT NULL THEN 'event:' || j.event_id
        -- No id at all: the same order, time and amounts are the same fill; where there is
        -- no time either, the trace tells two fills apart.
        ELSE concat_ws(
            ':', 'fill', j.order_id, j.side, j.quantity_read, j.price_read,
            coalesce(extract(EPOCH FROM j.executed_at_read)::text, j.trace_id)
        )
    END,
    j.order_id,
    j.is_status,
    CASE
        WHEN j.is_funding THEN 0
        WHEN j.side = 'sell' THEN -j.quantity_read
        ELSE j.quantity_read
    END,
    CASE WHEN NOT j.is_funding THEN j.price_read END,
    CASE WHEN j.is_funding THEN 0 ELSE j.fee_read END,
    -- Null is the settlement currency, named or not.
    CASE
        WHEN j.fee_currency IS NULL OR j.is_funding THEN NULL
        ELSE nullif(
            j.fee_currency,
            coalesce(
                (SELECT i.settlement_currency FROM pms.instruments i WHERE i.asset = j.asset),
                'USDT'
            )
        )
    END,
    CASE WHEN j.is_funding THEN j.amount_read END,
    j.executed_at_read,
    NULL::pms.order_progress
FROM judged j
$$;

COMMENT ON FUNCTION pms.parse_order_events IS
$$Order events as the ledger sees them, one row per message

Reads the four shapes of contract.md, section 2, and funding: asset, mode, position_side, amount in
the settlement currency (+ received, - paid), funding_id and executed_at, which together say which
it is. A row with a verdict against it has its
outcome (ignored or rejected), a reason code and a detail that names the field. A status event
is cumulative: quantity, price and fee are the totals of its order. Busts and corrections are
deferred: see pms.parse_amendments. Never raises for a bad message when has_bad_times is true; else
class 22 for a time that looks like one and is none.$$;
