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
)
-- Every batch updates its rows: in place, as long as the page has room.
WITH (fillfactor = 50);

-- As pms.contract_value values a leg: a migration uses no code.
UPDATE pms.positions p
SET exposure = CASE
        WHEN i.kind = 'inverse'
            THEN abs(round(round(p.size * i.multiplier, 60) / p.current_price, 18))
        ELSE abs(round(p.size * p.current_price * i.multiplier, 18))
    END
FROM pms.instruments i
WHERE p.asset = i.asset
    AND p.size <> 0
    AND p.current_price IS NOT NULL;

INSERT INTO pms.account_totals (account, writer, currency, exposure)
SELECT p.account, 0 AS writer, i.settlement_currency, sum(p.exposure) AS exposure
FROM pms.positions p
INNER JOIN pms.instruments i ON p.asset = i.asset
WHERE p.version > 0
GROUP BY p.account, i.settlement_currency;

COMMIT;
