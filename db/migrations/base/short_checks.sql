-- A statement parses the checks of the table it writes, each time: those of the ledger and of the
-- positions were a seventh of what a single fill costs (ADR 0002). They forbid what they forbade.
-- May be interrupted and run again.
BEGIN;

-- Part of a constraint: a migration replaces it and checks the rows again, and nothing of
-- functions/ does. In PL/pgSQL: one in SQL would be parsed as the check was.
CREATE OR REPLACE FUNCTION pms.is_whole_statement(
    kind "char",
    quantity numeric,
    price numeric,
    fee numeric,
    amount numeric,
    realized numeric
)
RETURNS boolean
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
AS $$
BEGIN
    RETURN CASE
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
    END;
END
$$;

COMMENT ON FUNCTION pms.is_whole_statement IS
$$Whether an entry other than a trade has what its kind needs

The check entries_kind_is_whole asks it. kind: a letter of pms.kind_letter.$$;

ALTER TABLE pms.entries
DROP CONSTRAINT IF EXISTS entries_kind_is_known,
ADD CONSTRAINT entries_kind_is_known CHECK (
    CASE
        WHEN kind = 't'
            THEN quantity <> 0 AND realized IS NULL AND num_nonnulls(price, amount) > 0
        ELSE pms.is_whole_statement(kind, quantity, price, fee, amount, realized)
    END
) NOT VALID;

ALTER TABLE pms.entries DROP CONSTRAINT entries_kind_is_whole;

ALTER TABLE pms.entries RENAME CONSTRAINT entries_kind_is_known TO entries_kind_is_whole;

-- What a leg is called is checked where it gets its number.
ALTER TABLE pms.legs
DROP CONSTRAINT IF EXISTS legs_asset_fkey,
ADD CONSTRAINT legs_asset_fkey FOREIGN KEY (asset) REFERENCES pms.instruments (asset);

ALTER TABLE pms.positions
DROP CONSTRAINT IF EXISTS positions_account_is_name,
DROP CONSTRAINT IF EXISTS positions_leg_fits_mode,
DROP CONSTRAINT IF EXISTS positions_asset_fkey,
DROP CONSTRAINT IF EXISTS positions_size_is_finite,
DROP CONSTRAINT IF EXISTS positions_cost_is_finite,
DROP CONSTRAINT IF EXISTS positions_realized_is_finite,
DROP CONSTRAINT IF EXISTS positions_exposure_in_range,
DROP CONSTRAINT IF EXISTS positions_flat_costs_nothing,
DROP CONSTRAINT IF EXISTS positions_open_has_opened_at,
DROP CONSTRAINT IF EXISTS positions_leg_fkey,
DROP CONSTRAINT IF EXISTS positions_are_finite,
DROP CONSTRAINT IF EXISTS positions_fit_size,
ADD CONSTRAINT positions_leg_fkey FOREIGN KEY (account, asset, mode, leg)
REFERENCES pms.legs (account, asset, mode, leg),
ADD CONSTRAINT positions_are_finite CHECK (
    exposure >= 0 AND abs(size) + abs(cost) + abs(realized) + exposure < 'Infinity'
),
ADD CONSTRAINT positions_fit_size CHECK (
    CASE WHEN size = 0 THEN cost = 0 ELSE opened_at IS NOT NULL END
);

COMMIT;

-- In its own transaction: it reads the whole ledger, and no writer waits for it.
ALTER TABLE pms.entries VALIDATE CONSTRAINT entries_kind_is_whole;
