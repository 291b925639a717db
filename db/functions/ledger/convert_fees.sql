CREATE OR REPLACE FUNCTION pms.convert_fees(entries pms.ledger_entries[])
RETURNS pms.ledger_entries[]
LANGUAGE sql
STABLE
AS $$
WITH charged AS (
    SELECT
        n.*,
        i.settlement_currency,
        i.multiplier,
        n.fee_currency <> i.settlement_currency AND n.fee <> 0 AS is_foreign,
        -- Taken from the quantity, unless nothing would remain.
        i.kind = 'spot' AND n.fee_currency = i.base_currency
        AND n.price IS NOT NULL AND n.amount IS NULL
        AND sign(n.quantity - n.fee) = sign(n.quantity) AS is_in_quantity
    FROM unnest(convert_fees.entries) WITH ORDINALITY n
    INNER JOIN pms.instruments i ON n.asset = i.asset
),

rated AS (
    SELECT
        c.*,
        -- At the rates as they are: that of a small coin in a large one has few digits left.
        pms.div_round(c.fee * u.charged, u.settled, 18) AS converted,
        CASE
            WHEN c.is_in_quantity THEN 0
            ELSE nullif(pms.div_round(u.charged, u.settled, 18), 0)
        END AS rate
    FROM charged c
    LEFT JOIN LATERAL (
        SELECT
            pms.rate_at(c.fee_currency, c.executed_at) AS charged,
            pms.rate_at(c.settlement_currency, c.executed_at) AS settled
        WHERE c.is_foreign
            AND c.is_in_quantity IS NOT TRUE
    ) u ON TRUE
),

-- What would be beyond the range of a fee is for a person to look at, like one not known.
settled AS (
    SELECT
        r.*,
        CASE WHEN r.rate = 0 OR abs(r.converted) < 1e20 THEN r.rate END AS known_rate
    FROM rated r
)

SELECT array_agg(
    CASE
        WHEN r.is_foreign
            THEN pms.new_entry(
                account => r.account,
                asset => r.asset,
                mode => r.mode,
                leg => r.leg,
                kind => r.kind,
                identity => r.identity,
                order_id => r.order_id,
                quantity =>
                CASE WHEN r.is_in_quantity THEN r.quantity - r.fee ELSE r.quantity END,
                price => r.price,
                -- Without a rate it is not counted yet, and the position reports it.
                fee => CASE WHEN r.known_rate > 0 THEN r.converted ELSE 0 END,
                fee_currency => r.fee_currency,
                fee_native => r.fee,
                fee_rate => r.known_rate,
                amount => CASE
                    WHEN r.is_in_quantity
                        THEN pms.contract_value(r.quantity, r.price, r.multiplier, FALSE)
                    ELSE r.amount
                END,
                realized => r.realized,
                amends => r.amends,
                cause => r.cause,
                counter_account => r.counter_account,
                executed_at => r.executed_at,
                recorded_at => r.recorded_at,
                source => r.source,
                trace_id => r.trace_id
            )
        ELSE convert_fees.entries[r.ordinality]
    END
    ORDER BY r.ordinality
)
FROM settled r
$$;

COMMENT ON FUNCTION pms.convert_fees IS $$Entries with their fees in the settlement currency

A fee in another currency is kept as charged (fee_native) and counted at the newest rate of its
time (fee_rate); without one it is not counted, and flagged so. A fee in what was traded, of a spot
instrument, is taken from the quantity; the cash paid stays the cost. Fees that are in the
settlement currency stay as they are. Source: accounting.md and contract.md, "fee_currency".$$;
