CREATE OR REPLACE FUNCTION pms.parse_amendments(messages jsonb[], ordinals integer[])
RETURNS SETOF pms.amendment_event
LANGUAGE sql
STABLE
AS $$
WITH literal AS (
    SELECT
        o.ordinal,
        left(d.doc ->> 'trace_id', 128) AS trace_id,
        coalesce(d.doc ->> 'account', 'main') AS account,
        CASE d.doc ->> 'event_type' WHEN 'trade_busted' THEN 'bust' ELSE 'correction' END AS cause,
        coalesce(
            d.doc ->> 'identity',
            'execution:' || coalesce(d.doc ->> 'execution_id', d.doc ->> 'fill_id')
        ) AS amends,
        coalesce(d.doc ->> 'correction_id', d.doc ->> 'event_id') AS correction_id,
        lower(d.doc ->> 'side') AS side,
        d.doc ->> 'execution_quantity' AS quantity,
        d.doc ->> 'execution_price' AS price,
        d.doc ->> 'execution_fees' AS fee,
        upper(d.doc ->> 'fee_currency') AS fee_currency,
        d.doc ->> 'executed_at' AS executed_at,
        d.doc ->> 'timestamp' AS amended_at
    FROM unnest(parse_amendments.ordinals) o (ordinal)
    CROSS JOIN LATERAL (SELECT parse_amendments.messages[o.ordinal] AS doc) d
),

typed AS (
    SELECT
        l.*,
        pms.parse_decimal(l.quantity) AS quantity_read,
        pms.parse_decimal(l.price) AS price_read,
        pms.parse_decimal(l.fee) AS fee_read,
        pms.parse_time(l.executed_at) AS executed_at_read,
        pms.parse_time(l.amended_at) AS amended_at_read,
        now() + s.clock_skew_limit AS latest
    FROM literal l
    CROSS JOIN pms.settings s
),

judged AS (
    SELECT
        t.*,
        CASE
            WHEN t.account !~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' OR length(t.account) > 64
                THEN ARRAY['rejected', 'invalid_account', 'account: not a name of an account']
            WHEN t.amends IS NULL
                THEN ARRAY[
                    'rejected', 'execution_id_missing',
                    'execution_id: missing, and so is the identity of an entry'
                ]
            WHEN length(t.amends) NOT BETWEEN 1 AND 512
                THEN ARRAY['rejected', 'invalid_identity', 'identity: must have 1 to 512 characters']
            WHEN t.amends LIKE 'transfer:%'
                THEN ARRAY[
                    'rejected', 'not_amendable',
                    'identity: a transfer has two sides; undo it by one in the other direction'
                ]
            WHEN t.amends LIKE 'correction:%'
                THEN ARRAY[
                    'rejected', 'not_amendable', 'identity: name the fill itself, not its correction'
                ]
            WHEN t.amended_at IS NOT NULL AND t.amended_at_read IS NULL
                THEN ARRAY['rejected', 'invalid_time', 'timestamp: must be an ISO 8601 time']
            WHEN t.amended_at_read > t.latest
                THEN ARRAY['rejected', 'time_in_future', 'timestamp: lies in the future']
            WHEN t.cause = 'bust' THEN NULL
            WHEN t.amends LIKE 'funding:%'
                THEN ARRAY[
                    'rejected', 'not_amendable',
                    'identity: funding cannot be corrected; bust it and send it anew'
                ]
            WHEN t.amends !~ '^(execution|order|event|fill):'
                THEN ARRAY['rejected', 'not_amendable', 'identity: not that of a fill']
            WHEN coalesce(length(t.correction_id) NOT BETWEEN 1 AND 128, TRUE)
                THEN ARRAY[
                    'rejected', 'invalid_correction_id',
                    'correction_id: must have 1 to 128 characters'
                ]
            WHEN t.amended_at IS NULL
                THEN ARRAY[
                    'rejected', 'invalid_time',
                    'timestamp: missing; the newest of several corrections counts'
                ]
            WHEN coalesce(t.side, t.quantity, t.price, t.fee, t.executed_at) IS NULL
                THEN ARRAY[
                    'rejected', 'nothing_corrected',
                    'execution_quantity: missing, and so is everything else that could be corrected'
                ]
            WHEN t.side NOT IN ('buy', 'sell')
                THEN ARRAY['rejected', 'invalid_side', 'side: must be buy or sell']
            WHEN t.quantity IS NOT NULL AND coalesce(t.quantity_read <= 0, TRUE)
                THEN ARRAY[
                    'rejected', 'invalid_quantity',
                    'execution_quantity: must be a decimal > 0, < 10^20, at most 18 fractional digits'
                ]
            WHEN t.price IS NOT NULL AND (
                t.price_read IS NULL
                OR (
                    t.price_read <= 0
                    AND NOT EXISTS (
                        SELECT 1
                        FROM pms.entries e
                        INNER JOIN pms.instruments i ON e.asset = i.asset
                        WHERE e.account = t.account
                            AND e.identity = t.amends
                            AND i.allows_negative_price
                    )
                )
            )
                THEN ARRAY[
                    'rejected', 'invalid_price',
                    'execution_price: must be a decimal > 0, < 10^20, at most 18 fractional digits'
                ]
            WHEN t.fee IS NOT NULL AND t.fee_read IS NULL
                THEN ARRAY[
                    'rejected', 'invalid_fee',
                    'execution_fees: must be a decimal, |x| < 10^20, at most 18 fractional digits'
                ]
            WHEN t.fee_currency !~ '^[A-Z0-9]{2,16}$' OR t.fee_currency IS NOT NULL AND t.fee IS NULL
                THEN ARRAY[
                    'rejected', 'invalid_fee_currency',
                    'fee_currency: must be 2 to 16 letters and digits, beside execution_fees'
                ]
            WHEN t.executed_at IS NOT NULL AND t.executed_at_read IS NULL
                THEN ARRAY['rejected', 'invalid_time', 'executed_at: must be an ISO 8601 time']
            WHEN t.executed_at_read > t.latest
                THEN ARRAY['rejected', 'time_in_future', 'executed_at: lies in the future']
        END AS verdict
    FROM typed t
)

SELECT
    j.ordinal,
    j.verdict[1],
    j.verdict[2],
    j.verdict[3],
    j.trace_id,
    j.account,
    -- An entry is busted once; a second one says the same.
    j.cause || ':' || CASE j.cause WHEN 'bust' THEN j.amends ELSE j.correction_id END,
    j.amends,
    j.cause,
    j.side,
    j.quantity_read,
    j.price_read,
    j.fee_read,
    CASE WHEN j.cause = 'correction' THEN j.fee_currency END,
    j.executed_at_read,
    j.amended_at_read
FROM judged j
$$;

COMMENT ON FUNCTION pms.parse_amendments IS $$Busts and corrections, one row per message

ordinals: which of the messages. event_type trade_busted or trade_corrected; execution_id (or
fill_id), or identity as the ledger has it, names the entry. A correction names itself
(correction_id), when it was decided (timestamp), and any of side, execution_quantity,
execution_price, execution_fees with fee_currency, executed_at: what it does not name stays. A row
with a verdict against it has its outcome, a reason code and a detail that names the field.$$;
