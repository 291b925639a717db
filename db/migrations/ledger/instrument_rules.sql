BEGIN;

ALTER TABLE pms.instruments
ADD COLUMN expires_at timestamptz,
ADD COLUMN tick_size numeric,
ADD COLUMN quantity_step numeric,
ADD CONSTRAINT instruments_expires_at_finite CHECK (isfinite(expires_at)),
ADD CONSTRAINT instruments_tick_size_positive CHECK (tick_size > 0 AND tick_size < 'Infinity'),
ADD CONSTRAINT instruments_quantity_step_positive
CHECK (quantity_step > 0 AND quantity_step < 'Infinity');

-- Few: each total asks which assets nobody has defined, and whose quote is only assumed.
CREATE INDEX instruments_doubtful_idx ON pms.instruments (asset)
WHERE is_assumed AND base_currency IS NULL;

CREATE TABLE pms.instrument_aliases (
    alias text NOT NULL,  -- noqa: RF04
    asset text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT instrument_aliases_pkey PRIMARY KEY (alias),
    CONSTRAINT instrument_aliases_asset_fkey FOREIGN KEY (asset) REFERENCES pms.instruments (asset),
    CONSTRAINT instrument_aliases_differ CHECK (alias <> asset)
);

CREATE INDEX instrument_aliases_asset_idx ON pms.instrument_aliases (asset);

-- As prices_currency_idx: the rate of a currency.
CREATE INDEX instrument_aliases_currency_idx ON pms.instrument_aliases (left(alias, -4))
WHERE alias LIKE '_%USDT';

CREATE TABLE pms.former_instruments (
    asset text NOT NULL,
    known_to timestamptz NOT NULL,
    kind text NOT NULL,
    multiplier numeric NOT NULL,
    settlement_currency text NOT NULL,

    CONSTRAINT former_instruments_pkey PRIMARY KEY (asset, known_to),
    CONSTRAINT former_instruments_asset_fkey FOREIGN KEY (asset) REFERENCES pms.instruments (asset)
);

ALTER TABLE pms.restatements
DROP CONSTRAINT restatements_cause_is_known,
ADD CONSTRAINT restatements_cause_is_known
CHECK (cause IN ('late', 'bust', 'correction', 'restore', 'recount'));

ALTER TABLE pms.voids
DROP CONSTRAINT voids_cause_is_known,
ADD CONSTRAINT voids_cause_is_known CHECK (cause IN ('bust', 'correction', 'recount'));

ALTER TABLE pms.settings
ADD COLUMN unknown_instruments text NOT NULL DEFAULT 'assume',
ADD CONSTRAINT settings_unknown_instruments_known
CHECK (unknown_instruments IN ('assume', 'refuse'));

INSERT INTO pms.reviews (account, asset, mode, leg, code, source, detail, raised_at)
SELECT
    p.account,
    p.asset,
    p.mode,
    p.leg,
    'assumed_instrument' AS code,
    p.asset AS source,
    'counted as ' || i.kind || ' in ' || i.settlement_currency || ', which nobody has confirmed'
        AS detail,
    now() AS raised_at
FROM pms.positions p
INNER JOIN pms.instruments i ON p.asset = i.asset
WHERE i.is_assumed
    AND i.base_currency IS NULL
    AND p.entries > 0;

UPDATE pms.positions p
SET needs_review = TRUE
FROM pms.reviews r
WHERE (p.account, p.asset, p.mode, p.leg) = (r.account, r.asset, r.mode, r.leg)
    AND r.code = 'assumed_instrument'
    AND NOT p.needs_review;

COMMIT;
