CREATE OR REPLACE FUNCTION pms.read_amendment_messages(messages jsonb[], ordinals integer[])
RETURNS SETOF pms.amendment_message
LANGUAGE sql
STABLE
AS $$
-- OFFSET 0: each step is computed once for all columns that read it (ADR 0002).
WITH literal AS (
    SELECT
        o.ordinal,
        left(d.doc ->> 'trace_id', 128) AS trace_id,
        CASE d.doc ->> 'event_type' WHEN 'trade_busted' THEN 'bust' ELSE 'correction' END AS cause,
        pms.account_name(coalesce(d.doc ->> 'account', 'main')) AS account,
        coalesce(
            d.doc ->> 'identity',
            'execution:' || coalesce(d.doc ->> 'execution_id', d.doc ->> 'fill_id')
        ) AS amends,
        d.doc ->> 'identity' IS NULL AS named_by_id,
        (
            SELECT n.asset
            FROM pms.asset_of(coalesce(d.doc ->> 'asset', d.doc ->> 'symbol')) n
        ) AS named_asset,
        pms.position_side(d.doc ->> 'position_side') AS named_leg,
        pms.trade_side(d.doc ->> 'side') AS named_side,
        d.doc ->> 'order_id' AS named_order,
        coalesce(d.doc ->> 'correction_id', d.doc ->> 'event_id') AS correction_id,
        pms.trade_side(d.doc ->> 'side') AS side,
        d.doc ->> 'execution_quantity' AS quantity,
        d.doc ->> 'execution_price' AS price,
        pms.unless_unset(d.doc ->> 'execution_fees') AS fee,
        -- That of a fee that is not set says nothing.
        CASE
            WHEN pms.is_unset(d.doc ->> 'execution_fees') THEN NULL
            ELSE pms.asset_name(d.doc ->> 'fee_currency')
        END AS fee_currency,
        d.doc ->> 'executed_at' AS executed_at,
        d.doc ->> 'timestamp' AS amended_at
    FROM unnest(read_amendment_messages.ordinals) o (ordinal)
    CROSS JOIN LATERAL (
        SELECT pms.without_blanks(read_amendment_messages.messages[o.ordinal]) AS doc OFFSET 0
    ) d
    OFFSET 0
)

SELECT
    l.*,
    pms.parse_decimal(l.quantity),
    pms.parse_decimal(l.price),
    pms.parse_decimal(l.fee),
    pms.parse_time(l.executed_at),
    pms.parse_time(l.amended_at)
FROM literal l
OFFSET 0
$$;

COMMENT ON FUNCTION pms.read_amendment_messages IS
'Busts and corrections with their decimals and times read, one row per message.';

CREATE OR REPLACE FUNCTION pms.check_correction_message(
    message pms.amendment_message,
    allows_nonpositive_price boolean
)
RETURNS text
LANGUAGE sql
IMMUTABLE
AS $$
SELECT coalesce(
    pms.objection('not_amendable', 'identity', CASE
        WHEN message.amends LIKE 'funding:%'
            THEN 'funding cannot be corrected; bust it and send it again'
        WHEN message.amends !~ '^(execution|order|event|fill|match):' THEN 'not that of a fill'
    END),
    pms.objection(
        'invalid_correction_id', 'correction_id',
        pms.check_id(coalesce(message.correction_id, ''))
    ),
    pms.objection('invalid_time', 'timestamp', CASE
        WHEN message.amended_at IS NULL
            THEN 'missing; the newest of several corrections counts'
    END),
    pms.objection('nothing_corrected', 'execution_quantity', CASE
        WHEN coalesce(
            message.side, message.quantity, message.price, message.fee,
            message.executed_at
        ) IS NULL
            THEN 'missing, and so is everything else that could be corrected'
    END),
    pms.objection('invalid_quantity', 'execution_quantity', CASE
        WHEN message.quantity IS NOT NULL THEN pms.check_positive(message.quantity_read)
    END),
    pms.objection('invalid_price', 'execution_price', CASE
        WHEN message.price IS NOT NULL
            THEN pms.check_price(message.price_read, allows_nonpositive_price)
    END),
    pms.objection('invalid_fee', 'execution_fees', CASE
        WHEN message.fee IS NOT NULL THEN pms.check_decimal(message.fee_read)
    END),
    pms.objection('invalid_fee_currency', 'fee_currency', CASE
        WHEN message.fee_currency IS NOT NULL
            AND (message.fee IS NULL OR pms.check_asset(message.fee_currency) IS NOT NULL)
            THEN 'must be the name of an asset, beside execution_fees'
    END)
)
$$;

COMMENT ON FUNCTION pms.check_correction_message IS
'The first objection to the content of a correction, as pms.objection writes it, or null.';

CREATE OR REPLACE FUNCTION pms.parse_amendments(messages jsonb[], ordinals integer[])
RETURNS SETOF pms.amendment_event
LANGUAGE sql
STABLE
AS $$
WITH checked AS (
    SELECT
        m.*,
        coalesce(
            pms.objection('invalid_account', 'account', pms.check_account(m.account)),
            pms.objection('execution_id_missing', 'execution_id', CASE
                WHEN m.amends IS NULL THEN 'missing, and so is the identity of an entry'
            END),
            pms.objection('invalid_identity', 'identity', CASE
                WHEN length(m.amends) NOT BETWEEN 1 AND 512 THEN 'must have 1 to 512 characters'
                ELSE pms.check_printable(m.amends)
            END),
            pms.objection('invalid_trace_id', 'trace_id', pms.check_printable(m.trace_id)),
            pms.objection('not_amendable', 'identity', CASE
                WHEN m.amends LIKE 'transfer:%'
                    THEN 'a transfer has two sides; undo it by one in the other direction'
                WHEN m.amends LIKE 'correction:%' THEN 'name the fill itself, not its correction'
            END),
            pms.objection('invalid_asset', 'asset', CASE
                WHEN m.named_asset IS NOT NULL THEN pms.check_asset(m.named_asset)
            END),
            pms.objection('invalid_position_side', 'position_side', CASE
                WHEN m.named_leg NOT IN ('long', 'short', 'net') THEN 'must be long, short or net'
            END),
            pms.objection('invalid_side', 'side', pms.check_side(m.side)),
            pms.objection(
                'invalid_time', 'timestamp', pms.check_time(m.amended_at, m.amended_at_read)
            ),
            pms.objection(
                'time_in_future', 'timestamp', pms.check_not_future(m.amended_at_read, s.latest)
            ),
            CASE WHEN m.cause = 'correction' THEN coalesce(
                pms.check_correction_message(m, EXISTS (
                    SELECT 1
                    FROM pms.find_entry(m.account, m.amends) e
                    WHERE pms.allows_fill_at(
                            e.asset, m.price_read, coalesce(m.executed_at_read, e.executed_at)
                        )
                )),
                pms.objection(
                    'invalid_time', 'executed_at', pms.check_time(m.executed_at, m.executed_at_read)
                ),
                pms.objection(
                    'time_in_future', 'executed_at',
                    pms.check_not_future(m.executed_at_read, s.latest)
                )
            ) END
        ) AS objection
    FROM pms.read_amendment_messages(parse_amendments.messages, parse_amendments.ordinals) m
    CROSS JOIN (SELECT now() + c.clock_skew_limit AS latest FROM pms.settings c) s
    OFFSET 0
)

SELECT
    c.ordinal,
    CASE WHEN c.objection IS NOT NULL THEN 'rejected' END,
    pms.objection_reason(c.objection),
    pms.objection_detail(c.objection),
    c.trace_id,
    c.account,
    -- An entry is busted once; a second bust of it says the same.
    c.cause || ':' || CASE c.cause WHEN 'bust' THEN c.amends ELSE c.correction_id END,
    c.amends,
    c.cause,
    CASE WHEN c.cause = 'correction' THEN c.side END,
    c.quantity_read,
    c.price_read,
    c.fee_read,
    CASE WHEN c.cause = 'correction' THEN c.fee_currency END,
    c.executed_at_read,
    c.amended_at_read,
    c.named_by_id,
    c.named_asset,
    c.named_leg,
    c.named_side,
    c.named_order
FROM checked c
$$;

COMMENT ON FUNCTION pms.parse_amendments IS $$Busts and corrections, one row per message

ordinals: which of the messages. event_type trade_busted or trade_corrected; execution_id (or
fill_id), with asset, position_side, side and order_id where several fills have it, or identity as
the ledger has it, names the entry. A correction names itself
(correction_id), when it was decided (timestamp), and any of side, execution_quantity,
execution_price, execution_fees with fee_currency, executed_at: what it does not name stays. A row
with an objection has its outcome, a reason code and a detail that names the field.$$;
