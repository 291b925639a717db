CREATE OR REPLACE FUNCTION pms.check_defined(asset text)
RETURNS text
LANGUAGE sql
STABLE
AS $$
SELECT 'has no definition, and the settings refuse instruments without one'
WHERE pms.check_asset(check_defined.asset) IS NULL
    AND NOT EXISTS (
        SELECT 1
        FROM pms.instruments i
        WHERE i.asset = check_defined.asset
            AND NOT i.is_assumed
    )
$$;

COMMENT ON FUNCTION pms.check_defined IS $$Why an asset is refused that nobody has defined, or null

Call it only where the settings refuse unknown instruments. Null for an asset that is invalid.$$;

-- Not SQL, which would be planned with each statement that asks.
CREATE OR REPLACE FUNCTION pms.allows_negative_price(asset text)
RETURNS boolean
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1
        FROM pms.instruments i
        WHERE i.asset = allows_negative_price.asset
            AND i.allows_negative_price
    );
END
$$;

COMMENT ON FUNCTION pms.allows_negative_price IS
'Whether an asset may trade at zero or less, by the definition of its instrument.';

CREATE OR REPLACE FUNCTION pms.allows_fill_at(asset text, price numeric, executed_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN pms.allows_negative_price(asset)
    OR price = 0 AND EXISTS (
        SELECT 1
        FROM pms.instruments i
        WHERE i.asset = allows_fill_at.asset
            AND i.kind <> 'inverse'
            AND i.expires_at <= coalesce(allows_fill_at.executed_at, now())
    );
END
$$;

COMMENT ON FUNCTION pms.allows_fill_at IS
$$Whether a fill of an asset may have a price that is not positive

Any such price if the asset trades at them. 0 also at the expiry of its instrument or later, when it
expired worthless; not of an inverse contract, which has no value at 0.$$;

CREATE OR REPLACE FUNCTION pms.changed_multiplier_at(contract pms.instruments, at timestamptz)
RETURNS numeric
LANGUAGE sql
STABLE
AS $$
SELECT coalesce(
    (
        SELECT a.multiplier
        FROM pms.corporate_actions a
        LEFT JOIN pms.corporate_action_busts b ON a.action_id = b.action_id
        WHERE a.asset = (contract).asset
            AND a.action = 'contract'
            AND a.effective_at <= coalesce(changed_multiplier_at.at, 'infinity')
            AND b.action_id IS NULL
        ORDER BY a.effective_at DESC, a.recorded_at DESC
        LIMIT 1
    ),
    (contract).first_multiplier
)
$$;

COMMENT ON FUNCTION pms.changed_multiplier_at IS
'The multiplier of an instrument whose contract has changed, at a moment; null: the newest one.';

-- Without a query, so that it is inlined: few contracts change.
CREATE OR REPLACE FUNCTION pms.signed_multiplier_at(contract pms.instruments, at timestamptz)
RETURNS numeric
LANGUAGE sql
STABLE
RETURN CASE (contract).kind WHEN 'inverse' THEN -1 ELSE 1 END * CASE
    WHEN (contract).first_multiplier IS NULL THEN (contract).multiplier
    ELSE pms.changed_multiplier_at(contract, at)
END;

COMMENT ON FUNCTION pms.signed_multiplier_at IS
'The multiplier of an instrument at a moment, negative if it is inverse; null: the newest one.';

CREATE OR REPLACE FUNCTION pms.multiplier_at(contract pms.instruments, at timestamptz)
RETURNS numeric
LANGUAGE sql
STABLE
RETURN abs(pms.signed_multiplier_at(contract, at));

COMMENT ON FUNCTION pms.multiplier_at IS
'The multiplier of an instrument at a moment; null: the newest one.';

-- One statement, so that it is inlined.
CREATE OR REPLACE FUNCTION pms.instrument_at(asset text, known_at timestamptz)
RETURNS TABLE (kind text, multiplier numeric, settlement_currency text)
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT
    coalesce(f.kind, i.kind),
    coalesce(f.multiplier, i.first_multiplier, i.multiplier),
    coalesce(f.settlement_currency, i.settlement_currency)
FROM pms.instruments i
LEFT JOIN LATERAL (
    SELECT o.kind, o.multiplier, o.settlement_currency
    FROM pms.former_instruments o
    WHERE o.asset = i.asset
        AND o.known_to > instrument_at.known_at
    ORDER BY o.known_to
    LIMIT 1
) f ON TRUE
WHERE i.asset = instrument_at.asset
$$;

COMMENT ON FUNCTION pms.instrument_at IS $$How the legs of an instrument begin, as known at a moment

As they do now, unless it has been recounted since. multiplier: that of before all changes of the
contract, which are entries.$$;
