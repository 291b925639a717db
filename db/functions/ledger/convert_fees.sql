CREATE OR REPLACE FUNCTION pms.first_rated_after(currency text, since timestamptz)
RETURNS timestamptz
LANGUAGE sql
STABLE
AS $$
SELECT min(p.priced_at)
FROM pms.rate_asset(first_rated_after.currency) r
CROSS JOIN LATERAL (
    SELECT m.priced_at
    FROM pms.prices m
    WHERE m.asset = r.asset
        AND m.priced_at > first_rated_after.since
        AND m.mark_price > 0
    UNION ALL
    (
        SELECT h.open_at
        FROM pms.price_bars h
        WHERE h.asset = r.asset
            AND h.minute > first_rated_after.since - interval '1 minute'
            AND h.open_at > first_rated_after.since
            AND h.open_price > 0
        ORDER BY h.minute
        LIMIT 1
    )
) p
$$;

COMMENT ON FUNCTION pms.first_rated_after IS
'The first moment after one at which a currency got a rate; null while it has none.';

CREATE OR REPLACE FUNCTION pms.fee_rates(
    currency text,
    settlement_currency text,
    executed_at timestamptz,
    own_rate numeric
)
RETURNS TABLE (charged numeric, settled numeric)
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT
    CASE
        WHEN n.is_known THEN n.charged
        ELSE coalesce(fee_rates.own_rate, pms.rate_at(fee_rates.currency, s.since))
    END,
    CASE
        WHEN n.is_known THEN n.settled
        WHEN fee_rates.own_rate IS NOT NULL THEN 1
        ELSE pms.rate_at(fee_rates.settlement_currency, s.since)
    END
FROM (
    SELECT r.charged, r.settled, r.charged IS NOT NULL AND r.settled IS NOT NULL AS is_known
    FROM (
        SELECT
            pms.rate_at(fee_rates.currency, fee_rates.executed_at) AS charged,
            pms.rate_at(fee_rates.settlement_currency, fee_rates.executed_at) AS settled
    ) r
) n
-- The first moment from which on both have one.
LEFT JOIN LATERAL (
    SELECT
        CASE
            WHEN pms.rate_at(fee_rates.settlement_currency, c.since) IS NOT NULL THEN c.since
            ELSE pms.first_rated_after(fee_rates.settlement_currency, c.since)
        END AS since
    FROM (
        SELECT
            CASE
                WHEN n.charged IS NOT NULL THEN fee_rates.executed_at
                ELSE pms.first_rated_after(fee_rates.currency, fee_rates.executed_at)
            END AS since
        WHERE NOT n.is_known
            AND fee_rates.own_rate IS NULL
    ) c
) s ON TRUE
$$;

COMMENT ON FUNCTION pms.fee_rates IS
$$The rates to USDT at which a fee is converted: of its currency and of the settlement currency

The newest at its time; before the first ones own_rate, the price of a fill whose fee is in what it
traded, else the first ones after it. Null while there are none.$$;

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
        AND sign(n.quantity - n.fee) = sign(n.quantity) AS is_in_quantity,
        -- A price of the instrument is a rate of what it trades in.
        i.kind <> 'inverse' AND n.fee_currency = i.base_currency
        AND i.quote_currency = i.settlement_currency AND n.price > 0 AS has_own_rate
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
        SELECT r.charged, r.settled
        FROM pms.fee_rates(
            c.fee_currency, c.settlement_currency, c.executed_at,
            CASE WHEN c.has_own_rate THEN c.price END
        ) r
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
                trace_id => r.trace_id,
                book => r.book
            )
        ELSE convert_fees.entries[r.ordinality]
    END
    ORDER BY r.ordinality
)
FROM settled r
$$;

COMMENT ON FUNCTION pms.convert_fees IS $$Entries with their fees in the settlement currency

A fee in another currency is kept as charged (fee_native) and counted at the newest rate of its
time (fee_rate); before the first one at the price of the fill, if it is charged in what was traded,
else at the first rate after it. Without any it is not counted, and flagged so. A fee in what was traded, of a spot
instrument, is taken from the quantity; the cash paid stays the cost. Fees that are in the
settlement currency stay as they are. Source: accounting.md and contract.md, "fee_currency".$$;

CREATE OR REPLACE FUNCTION pms.review_stale_rates(
    entries pms.ledger_entries[],
    voids pms.entry_void[]
)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_stale pms.review[] := ARRAY(
        SELECT (
            n.account, n.asset, n.mode, n.leg, 'stale_rates', n.identity,
            'fee converted at the rate of ' || string_agg(
                format('%s at %s', c.currency, pms.time_text(r.priced_at)), ', '
                ORDER BY c.currency
            )
        )::pms.review
        FROM unnest(review_stale_rates.entries) n
        INNER JOIN pms.instruments i ON n.asset = i.asset
        CROSS JOIN pms.settings s
        CROSS JOIN LATERAL unnest(ARRAY[n.fee_currency, i.settlement_currency]) c (currency)
        CROSS JOIN LATERAL pms.rate_asset(c.currency) a
        CROSS JOIN LATERAL pms.price_at(a.asset, n.executed_at) r
        WHERE n.fee_rate > 0
            AND c.currency <> 'USDT'
            AND NOT pms.is_fresh(r.priced_at, n.executed_at, s.price_staleness_threshold)
        GROUP BY n.account, n.asset, n.mode, n.leg, n.identity
    );
BEGIN
    IF v_stale <> '{}' THEN
        PERFORM pms.raise_reviews(v_stale);
    END IF;

    IF cardinality(voids) > 0 THEN
        PERFORM pms.settle_reviews(ARRAY(
            SELECT (v.account, v.asset, v.mode, v.leg, 'stale_rates', v.identity, NULL)::pms.review
            FROM unnest(review_stale_rates.voids) v
        ));
    END IF;
END
$$;

COMMENT ON FUNCTION pms.review_stale_rates IS
$$Flag the legs of entries whose fee was converted at a stale rate, and settle those of voided ones

entries: as pms.convert_fees returns them, and entered. A rate is stale when it is older than
price_staleness_threshold at the time of its entry. The legs must be locked.$$;

CREATE OR REPLACE FUNCTION pms.count_unconverted_fees(entries pms.ledger_entries[])
RETURNS void
LANGUAGE sql
AS $$
INSERT INTO pms.unconverted_fees AS u (account, asset, mode, leg, fees)
SELECT n.account, n.asset, n.mode, n.leg, count(*)
FROM unnest(count_unconverted_fees.entries) n
WHERE n.fee_native IS NOT NULL
    AND n.fee_rate IS NULL
GROUP BY n.account, n.asset, n.mode, n.leg
ON CONFLICT ON CONSTRAINT unconverted_fees_pkey DO UPDATE
SET fees = u.fees + excluded.fees
$$;

COMMENT ON FUNCTION pms.count_unconverted_fees IS
'Count the entries whose fee is in no amount, because no rate was known at their time.';

CREATE OR REPLACE FUNCTION pms.review_unconverted_fees(keys pms.leg_key[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.settle_reviews(ARRAY(
        SELECT (v.account, v.asset, v.mode, v.leg, v.code, v.source, NULL)::pms.review
        FROM unnest(review_unconverted_fees.keys) k
        INNER JOIN pms.reviews v
            ON (k.account, k.asset, k.mode, k.leg) = (v.account, v.asset, v.mode, v.leg)
        LEFT JOIN pms.unconverted_fees u
            ON (k.account, k.asset, k.mode, k.leg) = (u.account, u.asset, u.mode, u.leg)
        WHERE v.code = 'unconverted_fee'
            AND coalesce(u.fees, 0) = 0
    ));
    PERFORM pms.raise_reviews(ARRAY(
        SELECT (
            u.account, u.asset, u.mode, u.leg, 'unconverted_fee', 'fees',
            'no rate is known for the currency of its fees'
        )::pms.review
        FROM unnest(review_unconverted_fees.keys) k
        INNER JOIN pms.unconverted_fees u
            ON (k.account, k.asset, k.mode, k.leg) = (u.account, u.asset, u.mode, u.leg)
        WHERE u.fees > 0
    ));
END
$$;

COMMENT ON FUNCTION pms.review_unconverted_fees IS $$Flag legs while they have fees without a rate

One reason a leg, however many fees. The legs must be locked.$$;
