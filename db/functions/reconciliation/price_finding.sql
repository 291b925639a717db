CREATE OR REPLACE FUNCTION pms.price_finding(finding pms.finding, price numeric)
RETURNS pms.finding
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    held pms.leg_state;
    v_kept numeric;
    v_opening numeric;
BEGIN
    IF price IS NULL THEN
        RETURN finding;
    END IF;

    held := (
        pms.leg_state_at(finding.account, finding.asset, finding.mode, finding.leg, finding.effective_at)
    ).state;
    v_kept := held.size + coalesce(finding.closing, 0);
    v_opening := finding.theirs::numeric - v_kept;
    finding.target_size := finding.theirs::numeric;

    IF finding.closing <> 0 THEN
        finding.closing_price := price;
        finding.closing_source := 'decision';
    END IF;

    -- Of a leg that turns, what opens has the venue's average, if there is one.
    IF v_opening <> 0 AND (finding.target_price IS NULL OR v_kept = held.size) THEN
        finding.target_cost := pms.contract_value(
            v_opening, price, held.multiplier, held.is_inverse
        ) + CASE WHEN v_kept = 0 THEN 0 ELSE held.cost END;
        finding.target_price := CASE WHEN v_kept = 0 THEN price END;
    END IF;

    RETURN finding;
END
$$;

COMMENT ON FUNCTION pms.price_finding IS $$The finding of a size or an adoption at the price of a person

What its entry closes is realized at price, what it opens costs price. null: as it is.$$;
