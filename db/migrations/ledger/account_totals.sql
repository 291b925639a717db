BEGIN;

ALTER TABLE pms.positions ADD COLUMN exposure numeric NOT NULL DEFAULT 0,
ADD CONSTRAINT positions_exposure_in_range CHECK (exposure >= 0 AND exposure < 'Infinity');

CREATE TABLE pms.account_totals (
    account text NOT NULL,
    writer integer NOT NULL,
    currency text NOT NULL,
    exposure numeric NOT NULL,

    CONSTRAINT account_totals_pkey PRIMARY KEY (account, writer, currency),
    CONSTRAINT account_totals_exposure_is_finite CHECK (abs(exposure) < 'Infinity')
);

-- Every batch updates its rows: in place, as long as the page has room.
ALTER TABLE pms.account_totals SET (fillfactor = 50);

-- As pms.contract_value values a leg: a migration uses no code.
UPDATE pms.positions p
SET exposure = abs(v.market_value)
FROM (
    SELECT
        h.account,
        h.asset,
        h.mode,
        h.leg,
        CASE
            WHEN i.kind = 'inverse'
                THEN round(round(-h.size * i.multiplier, 60) / h.current_price, 18)
            ELSE round(h.size * h.current_price * i.multiplier, 18)
        END AS market_value
    FROM pms.positions h
    INNER JOIN pms.instruments i ON h.asset = i.asset
    WHERE h.size <> 0
        AND h.current_price IS NOT NULL
) v
WHERE (p.account, p.asset, p.mode, p.leg) = (v.account, v.asset, v.mode, v.leg);

INSERT INTO pms.account_totals (account, writer, currency, exposure)
SELECT p.account, 0 AS writer, i.settlement_currency, sum(p.exposure) AS exposure
FROM pms.positions p
INNER JOIN pms.instruments i ON p.asset = i.asset
WHERE p.version > 0
GROUP BY p.account, i.settlement_currency;

COMMIT;
