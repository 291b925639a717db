BEGIN;

ALTER TABLE pms.entries
ADD CONSTRAINT entries_kind_is_known CHECK (
    CASE
        WHEN kind = 't'
            THEN quantity <> 0 AND realized IS NULL AND (price IS NOT NULL OR amount IS NOT NULL)
        WHEN kind = 'x'
            THEN realized IS NULL
                AND (amount IS NOT NULL OR (quantity <> 0 AND price IS NOT NULL))
        WHEN kind = 'o'
            THEN fee = 0 AND (price IS NOT NULL OR amount IS NOT NULL)
                AND (quantity <> 0 OR (realized IS NOT NULL AND amount = 0))
        WHEN kind IN ('a', 'f')
            THEN amount IS NOT NULL AND realized IS NULL
                AND (kind = 'f' OR (fee = 0 AND (quantity <> 0 OR amount = 0)))
        WHEN kind = 'r' AND quantity <> 0
            THEN amount IS NOT NULL AND realized IS NOT NULL AND fee = 0
        WHEN kind IN ('s', 'r', 'c')
            THEN quantity = 0 AND fee = 0 AND price > 0 AND amount > 0
                AND (kind <> 'c' OR realized > 0)
        WHEN kind IN ('e', 'd')
            THEN quantity = 0 AND fee = 0 AND price IS NOT NULL AND amount IS NULL
                AND realized IS NULL
        ELSE FALSE
    END
) NOT VALID;

ALTER TABLE pms.entries DROP CONSTRAINT entries_kind_is_whole;

ALTER TABLE pms.entries RENAME CONSTRAINT entries_kind_is_known TO entries_kind_is_whole;

DROP FUNCTION pms.is_whole_statement(
    "char", numeric, numeric, numeric, numeric, numeric
);

ALTER TABLE pms.legs DROP CONSTRAINT legs_asset_fkey;

ALTER TABLE pms.positions
DROP CONSTRAINT positions_leg_fkey,
DROP CONSTRAINT positions_are_finite,
DROP CONSTRAINT positions_fit_size,
ADD CONSTRAINT positions_account_is_name CHECK (
    length(account) BETWEEN 1 AND 129
    AND account = btrim(account)
    AND account ~ (
        '^[A-Za-z0-9._:/@=^&+# |'
        '\u00aa-\u1fff\u2070-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U000dffff-]+$'
    )
),
ADD CONSTRAINT positions_leg_fits_mode CHECK (
    (mode = 'one-way' AND leg = 'net') OR (mode = 'hedge' AND leg IN ('long', 'short'))
),
ADD CONSTRAINT positions_asset_fkey FOREIGN KEY (asset) REFERENCES pms.instruments (asset),
ADD CONSTRAINT positions_size_is_finite CHECK (abs(size) < 'Infinity'),
ADD CONSTRAINT positions_cost_is_finite CHECK (abs(cost) < 'Infinity'),
ADD CONSTRAINT positions_realized_is_finite CHECK (abs(realized) < 'Infinity'),
ADD CONSTRAINT positions_exposure_in_range CHECK (exposure >= 0 AND exposure < 'Infinity'),
ADD CONSTRAINT positions_flat_costs_nothing CHECK (size <> 0 OR cost = 0),
ADD CONSTRAINT positions_open_has_opened_at CHECK (size = 0 OR opened_at IS NOT NULL);

COMMIT;

-- In its own transaction: it reads the whole ledger, and no writer waits for it.
ALTER TABLE pms.entries VALIDATE CONSTRAINT entries_kind_is_whole;
