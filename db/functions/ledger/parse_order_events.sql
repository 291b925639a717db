CREATE OR REPLACE FUNCTION pms.unapplied_order_message(message pms.order_message)
RETURNS text
LANGUAGE sql
IMMUTABLE
AS $$
SELECT coalesce(
    pms.objection(
        'dry_run', 'is_dry_run', CASE
            WHEN message.is_dry_run <> 'false'
                AND lower(btrim(message.is_dry_run)) IN ('true', '1', 'yes')
                THEN 'true'
        END
    ),
    pms.objection(
        'corporate_action', 'event_type',
        CASE
            WHEN NOT message.is_status AND message.status = 'corporate_action'
                THEN message.status
        END
    ),
    pms.objection(
        'amendment', 'event_type',
        CASE
            WHEN NOT message.is_status
                AND message.status IN ('trade_busted', 'trade_corrected')
                THEN message.status
        END
    ),
    pms.objection(
        'nothing_filled', 'order.status',
        CASE
            WHEN message.is_status
                AND message.status NOT IN (
                    'filled', 'partially_filled', 'order_executed', 'position_updated_from_order'
                )
                AND (message.quantity IS NULL OR message.quantity_read = 0)
                THEN left(message.status, 32)
        END
    ),
    pms.objection(
        'nothing_filled', 'event_type',
        CASE
            WHEN NOT message.is_status
                AND message.status IN ('cancelled', 'rejected', 'created', 'modified')
                AND message.quantity IS NULL
                THEN message.status
        END
    )
)
$$;

COMMENT ON FUNCTION pms.unapplied_order_message IS
$$The reason for which an order event is not applied, although nothing is wrong with it

An objection as pms.objection writes it, or null.$$;

CREATE OR REPLACE FUNCTION pms.unread_fee(message pms.order_message)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE
    WHEN message.fee IS NULL OR message.fee_read = 0 THEN NULL
    ELSE coalesce(
            pms.objection('unread_fee', CASE
                WHEN message.is_status THEN 'order.fees' ELSE 'execution_fees'
            END, pms.check_decimal(message.fee_read)),
            pms.objection('unread_fee', 'fee_currency', CASE
                WHEN message.fee_currency IS NOT NULL THEN pms.check_asset(message.fee_currency)
            END)
        )
END;

COMMENT ON FUNCTION pms.unread_fee IS $$Why the fee of a fill cannot be read, or null

An objection as pms.objection writes it. It does not keep the fill from being applied: the fee
counts once a correction gives it.$$;

CREATE OR REPLACE FUNCTION pms.check_ids(
    order_id text,
    execution_id text,
    event_id text,
    trace_id text
)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    RETURN coalesce(
        pms.objection('invalid_order_id', 'order_id', pms.check_id(order_id)),
        pms.objection('invalid_execution_id', 'execution_id', pms.check_id(execution_id)),
        pms.objection('invalid_event_id', 'event_id', CASE
            WHEN length(event_id) > 128 THEN 'at most 128 characters'
            ELSE pms.check_printable(event_id)
        END),
        pms.objection('invalid_trace_id', 'trace_id', pms.check_printable(trace_id))
    );
END
$$;

COMMENT ON FUNCTION pms.check_ids IS
$$The first objection to the ids of an order event, as pms.objection writes it, or null

In PL/pgSQL, so that its expressions are no part of every statement that checks messages.$$;

-- In PL/pgSQL: few messages name a book.
CREATE OR REPLACE FUNCTION pms.book_objection(book text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    RETURN pms.objection(
        'invalid_strategy', 'strategy', CASE
            WHEN pms.unless_blank(book) IS NOT NULL
                THEN pms.check_account(pms.account_name(book))
        END
    );
END
$$;

COMMENT ON FUNCTION pms.book_objection IS
$$The objection to the name of a book, as pms.objection writes it, or null

The name of a book is one that an account may have.$$;

CREATE OR REPLACE FUNCTION pms.check_order_message(
    message pms.order_message,
    allows_nonpositive_price boolean,
    latest timestamptz
)
RETURNS text
LANGUAGE sql
IMMUTABLE
AS $$
SELECT coalesce(
    pms.objection('unknown_event', 'event_type', CASE
        WHEN NOT message.is_status AND NOT message.is_funding
            AND message.status NOT IN ('order_executed', 'position_updated_from_order')
            THEN 'not an order event we know'
    END),
    -- Whether a fill counts is never guessed.
    pms.objection('invalid_dry_run', 'is_dry_run', CASE
        WHEN message.is_dry_run <> 'false'
            AND lower(btrim(message.is_dry_run)) NOT IN ('false', '0', 'no')
            THEN 'must be true or false'
    END),
    pms.objection('invalid_account', 'account', pms.check_account(message.account)),
    pms.objection('invalid_asset', 'asset', pms.check_asset(message.asset)),
    -- Nearly all are names of these.
    CASE
        WHEN message.book !~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,31}$'
            THEN pms.book_objection(message.book)
    END,
    pms.objection('invalid_mode', 'mode', pms.check_mode(message.mode_read)),
    pms.objection('leg_missing', 'position_side', CASE
        WHEN message.mode_read = 'hedge'
            AND coalesce(message.side_read, '') NOT IN ('long', 'short')
            THEN 'a fill in hedge mode must name its leg, long or short'
    END),
    pms.objection('invalid_position_side', 'position_side', CASE
        WHEN message.mode_read = 'one-way' AND message.side_read IN ('long', 'short')
            OR (message.mode, message.side_read) IN (('1', 'short'), ('2', 'long'))
            THEN 'not a leg of this mode, which is ' || message.mode
        WHEN message.side_read NOT IN ('long', 'short', 'net')
            THEN 'must be long, short or, in one-way mode, net'
    END),
    CASE WHEN message.is_funding THEN coalesce(
        pms.objection('funding_id_missing', 'funding_id', CASE
            WHEN message.funding_id IS NULL THEN 'missing'
        END),
        pms.objection('invalid_funding_id', 'funding_id', pms.check_id(message.funding_id)),
        pms.objection('invalid_amount', 'amount', pms.check_decimal(message.amount_read)),
        pms.objection('invalid_time', 'executed_at', CASE
            WHEN message.executed_at IS NULL THEN 'missing'
        END)
    ) ELSE coalesce(
        pms.objection('invalid_side', 'side', pms.check_side(coalesce(message.side, ''))),
        pms.objection('order_id_missing', 'order_id', CASE
            WHEN message.order_id IS NULL
                AND (message.is_status OR message.execution_id IS NULL)
                THEN 'missing; only an execution with an execution_id needs none'
        END)
    ) END,
    -- Asked once of all: nearly all are printable and short.
    CASE
        WHEN length(message.order_id) > 128 OR length(message.execution_id) > 128
            OR length(message.event_id) > 128
            OR pms.check_printable(
                coalesce(message.order_id, '') || coalesce(message.execution_id, '')
                || coalesce(message.event_id, '') || coalesce(message.trace_id, '')
            ) IS NOT NULL
            THEN pms.check_ids(
                    message.order_id, message.execution_id, message.event_id, message.trace_id
                )
    END,
    CASE WHEN NOT message.is_funding THEN coalesce(
        pms.objection('invalid_quantity', CASE
            WHEN message.is_status THEN 'order.filled_quantity'
            WHEN message.status = 'order_executed' THEN 'execution_quantity'
            ELSE 'filled_quantity'
        END, pms.check_positive(message.quantity_read)),
        pms.objection('invalid_price', CASE
            WHEN message.is_status THEN 'order.average_price' ELSE 'execution_price'
        END, pms.check_price(message.price_read, allows_nonpositive_price))
    ) END,
    pms.objection('invalid_time', CASE
        WHEN message.is_status THEN 'timestamp' ELSE 'executed_at'
    END, pms.check_time(message.executed_at, message.executed_at_read)),
    pms.objection(
        'time_in_future', 'executed_at',
        pms.check_not_future(message.executed_at_read, latest)
    ),
    CASE WHEN NOT message.is_funding THEN pms.unread_fee(message) END
)
$$;

COMMENT ON FUNCTION pms.check_order_message IS
$$The first objection to an order event, as pms.objection writes it, or null

latest: the newest time that is not in the future.$$;

CREATE OR REPLACE FUNCTION pms.order_message_identity(message pms.order_message, leg text)
RETURNS text
LANGUAGE sql
STABLE
AS $$
SELECT CASE
    WHEN message.is_funding
        THEN concat_ws(
            ':', 'funding', message.asset, message.mode_read, leg,
            extract(EPOCH FROM message.executed_at_read), message.funding_id
        )
    WHEN message.is_status
        THEN pms.order_identity(
            message.order_id, message.quantity_read, NULL, message.created_at_read
        )
    WHEN message.execution_id IS NOT NULL THEN 'execution:' || message.execution_id
    WHEN message.event_id IS NOT NULL THEN 'event:' || message.event_id
    -- No id at all: the same order, time and amounts are the same fill; where there is
    -- no time either, the trace distinguishes two fills.
    ELSE concat_ws(
        ':', 'fill', message.order_id, message.side, message.quantity_read,
        message.price_read,
        coalesce(extract(EPOCH FROM message.executed_at_read)::text, message.trace_id)
    )
END
$$;

COMMENT ON FUNCTION pms.order_message_identity IS
$$The identity of the entry that an order event makes: the same fill always has the same one

Source: data-model.md, "Identity".$$;

CREATE OR REPLACE FUNCTION pms.parse_order_events(messages jsonb[], has_bad_times boolean)
RETURNS SETOF pms.order_event
LANGUAGE sql
STABLE
AS $$
WITH checked AS (
    SELECT
        m.*,
        CASE WHEN m.mode_read = 'hedge' THEN m.side_read ELSE 'net' END AS leg,
        coalesce(
            pms.unapplied_order_message(m),
            pms.objection('unknown_instrument', 'asset', CASE
                WHEN (SELECT s.unknown_instruments = 'refuse' FROM pms.settings s)
                    THEN pms.check_defined(m.asset)
            END),
            pms.check_order_message(
                m,
                pms.allows_fill_at(m.asset, m.price_read, m.executed_at_read),
                (SELECT now() + s.clock_skew_limit FROM pms.settings s)
            )
        ) AS objection,
        pms.order_message_identity(
            m, CASE WHEN m.mode_read = 'hedge' THEN m.side_read ELSE 'net' END
        ) AS identity
    FROM pms.read_order_messages(parse_order_events.messages, parse_order_events.has_bad_times) m
    -- Checked once, not by each column that reads the objection (ADR 0002).
    OFFSET 0
)

SELECT
    c.ordinal,
    CASE pms.objection_reason(c.objection)
        WHEN 'dry_run' THEN 'ignored'
        WHEN 'nothing_filled' THEN 'ignored'
        WHEN 'amendment' THEN 'deferred'
        WHEN 'unread_fee' THEN NULL
        WHEN 'corporate_action' THEN 'deferred'
        ELSE CASE WHEN c.objection IS NOT NULL THEN 'rejected' END
    END,
    pms.objection_reason(c.objection),
    pms.objection_detail(c.objection),
    c.trace_id,
    c.account,
    c.asset,
    c.mode_read,
    c.leg,
    CASE WHEN c.is_funding THEN 'funding' ELSE 'trade' END,
    c.identity,
    c.order_id,
    c.is_status,
    CASE
        WHEN c.is_funding THEN 0
        WHEN c.side = 'sell' THEN -c.quantity_read
        ELSE c.quantity_read
    END,
    CASE WHEN NOT c.is_funding THEN c.price_read END,
    CASE
        WHEN c.is_funding THEN 0
        WHEN pms.objection_reason(c.objection) = 'unread_fee' THEN NULL
        ELSE c.fee_read
    END,
    -- Null is the settlement currency, named or not, unless it is a guess.
    CASE
        WHEN c.fee_currency IS NULL OR c.is_funding
            OR pms.objection_reason(c.objection) = 'unread_fee'
            THEN NULL
        ELSE nullif(
            c.fee_currency,
            coalesce(
                (
                    SELECT
                        CASE
                            WHEN NOT i.is_assumed OR i.base_currency IS NOT NULL
                                THEN i.settlement_currency
                            ELSE ''
                        END
                    FROM pms.instruments i
                    WHERE i.asset = c.asset
                ),
                CASE WHEN c.asset LIKE '_%USDT' THEN 'USDT' ELSE '' END
            )
        )
    END,
    CASE WHEN c.is_funding THEN c.amount_read END,
    c.executed_at_read,
    c.created_at_read,
    CASE WHEN c.is_status THEN length(split_part(c.price, '.', 2)) END,
    NULL::pms.order_progress,
    nullif(pms.account_name(c.book), pms.unassigned_book())
FROM checked c
$$;

COMMENT ON FUNCTION pms.parse_order_events IS
$$Order events as the ledger sees them, one row per message

Reads the four shapes of contract.md, section 2, and funding: asset, mode, position_side, amount in
the settlement currency (+ received, - paid), funding_id and executed_at, which together identify
it. A row with an objection has its outcome (ignored or rejected), a reason code and a detail that
names the field. A status event is cumulative: quantity, price and fee are the totals of its order.
Busts and corrections are deferred: see pms.parse_amendments. Never raises for a bad message when
has_bad_times is true; otherwise class 22 for a time that looks like one and is none.$$;
