CREATE OR REPLACE FUNCTION pms.fixable_findings(
    findings pms.finding[],
    apply_fixes boolean,
    accepted uuid
)
RETURNS pms.finding[]
LANGUAGE sql
STABLE
AS $$
SELECT ARRAY(
    SELECT f
    FROM unnest(findings) f
    WHERE apply_fixes AND f.is_fixable AND NOT pms.is_dismissed(f)
        OR accepted IS NOT NULL
        AND pms.discrepancy_id(f.account, f.asset, f.mode, f.leg, f.kind, f.field) = accepted
)
$$;

COMMENT ON FUNCTION pms.fixable_findings IS $$The findings to settle now

Those that the rules allow when apply_fixes is true, unless a person dismissed them; and the accepted
one.$$;

CREATE OR REPLACE FUNCTION pms.needs_reconciliation(examined pms.examination)
RETURNS boolean
LANGUAGE sql
STABLE
AS $$
SELECT examined.objection IS NOT NULL
    OR examined.findings <> '{}'
    OR EXISTS (
        SELECT 1
        FROM pms.discrepancies d
        WHERE d.account = (examined.key).account
            AND d.asset = (examined.key).asset
            AND d.mode = (examined.key).mode
            AND d.status IN ('open', 'dismissed')
    )
$$;

COMMENT ON FUNCTION pms.needs_reconciliation IS
'Whether a position has findings now, or discrepancies that may have resolved since.';

CREATE OR REPLACE FUNCTION pms.rebuild_legs(
    account text,
    asset text,
    mode text,
    legs text[],
    recorded_at timestamptz,
    trace_id text
)
RETURNS pms.changed_leg[]
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.replay_legs(ARRAY(
        SELECT (
            p.account, p.asset, p.mode, p.leg, '-infinity'::timestamptz, 'restore',
            -- A row that was lost begins again where its entries alone had brought it.
            greatest(coalesce(f.entries, 0) - p.version, 0) + 1,
            rebuild_legs.recorded_at, rebuild_legs.trace_id
        )::pms.leg_change
        FROM pms.positions p
        LEFT JOIN pms.legs_from_ledger(rebuild_legs.account, rebuild_legs.asset, rebuild_legs.mode) f
            ON p.leg = f.leg
        WHERE (p.account, p.asset, p.mode)
            = (rebuild_legs.account, rebuild_legs.asset, rebuild_legs.mode)
            AND p.leg = ANY(rebuild_legs.legs)
    ));

    RETURN ARRAY(
        SELECT (
            rebuild_legs.account, rebuild_legs.asset, rebuild_legs.mode, u.leg,
            rebuild_legs.trace_id, NULL
        )::pms.changed_leg
        FROM unnest(rebuild_legs.legs) u (leg)
    );
END
$$;

COMMENT ON FUNCTION pms.rebuild_legs IS $$Set stored legs to the fold of their entries

Rebuilds their checkpoints, too, and raises each version by one. The legs must exist and be locked;
recorded_at is the value that locking them returned. Returns them for the caller to publish.$$;

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

COMMENT ON FUNCTION pms.price_finding IS
$$The finding of a size or an adoption at the price of a person

What its entry closes is realized at price, what it opens costs price. null: as it is.$$;

CREATE OR REPLACE FUNCTION pms.record_closes(settled pms.finding[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO pms.estimated_closes (
        account, asset, mode, leg, identity, reported_at, effective_at
    )
    SELECT f.account, f.asset, f.mode, f.leg, f.identity, f.effective_at, f.effective_at
    FROM unnest(record_closes.settled) f
    WHERE f.closing <> 0;

    PERFORM pms.raise_reviews(ARRAY(
        SELECT (
            f.account, f.asset, f.mode, f.leg, 'unknown_close', f.identity,
            format(
                '%s closed at an unknown price at %s: accept discrepancy %s with a price',
                pms.decimal_text(abs(f.closing)), pms.time_text(f.effective_at),
                pms.discrepancy_id(f.account, f.asset, f.mode, f.leg, f.kind, f.field)
            )
        )::pms.review
        FROM unnest(record_closes.settled) f
        WHERE f.closing <> 0
            AND f.closing_price IS NULL
    ));
END
$$;

COMMENT ON FUNCTION pms.record_closes IS
$$Record which adjustments close what no fill explains; flag those without a price

settled: the findings whose entries have been posted. The legs must be locked.$$;

CREATE OR REPLACE FUNCTION pms.reconcile_position(
    account text,
    asset text,
    mode text,
    apply_fixes boolean,
    honor_adoption_delay boolean,
    accepted uuid,
    trace_id text,
    price numeric DEFAULT NULL
)
RETURNS pms.reconciled_position
LANGUAGE plpgsql
-- Compiling a plan costs more than most checks take (ADR 0002).
SET jit = off
AS $$
DECLARE
    v_unfoldable CONSTANT text := 'the ledger of this position cannot be folded';
    v_sources CONSTANT text[] := ARRAY['stored_row', 'checkpoint', 'rule', 'venue'];
    v_keys CONSTANT pms.position_key[] := ARRAY[(account, asset, mode)::pms.position_key];
    examined pms.examination;
    v_rows pms.finding[];
    v_due pms.finding[];
    v_priced pms.finding[] := ARRAY[]::pms.finding[];
    v_recorded_at timestamptz;
    v_changed pms.changed_leg[];
    v_seen pms.discrepancies[];
BEGIN
    -- Most positions need nothing: those are not locked.
    examined := (pms.examine_positions(v_keys, v_sources, honor_adoption_delay))[1];
    IF NOT pms.needs_reconciliation(examined) THEN
        RETURN ('{}', NULL, FALSE)::pms.reconciled_position;
    END IF;

    v_recorded_at := pms.lock_position(
        account, asset, mode,
        ARRAY(
            SELECT f.leg
            FROM unnest(pms.fixable_findings(examined.findings, apply_fixes, accepted)) f
            WHERE f.kind = 'adoption'
        )
    );
    examined := (pms.examine_positions(v_keys, v_sources, honor_adoption_delay))[1];
    IF examined.objection IS NOT NULL THEN
        RETURN ('{}', v_unfoldable, FALSE)::pms.reconciled_position;
    END IF;

    -- The row first: the venue is compared with the ledger.
    v_due := pms.fixable_findings(examined.findings, apply_fixes, accepted);
    v_rows := ARRAY(SELECT f FROM unnest(v_due) f WHERE f.kind IN ('stored_row', 'checkpoint'));
    IF v_rows <> '{}' THEN
        v_changed := pms.rebuild_legs(
            account, asset, mode, ARRAY(SELECT DISTINCT f.leg FROM unnest(v_rows) f),
            v_recorded_at, trace_id
        );
        examined := (pms.examine_positions(v_keys, v_sources, honor_adoption_delay))[1];
        v_due := pms.fixable_findings(examined.findings, apply_fixes, accepted);
    END IF;

    v_due := ARRAY(
        SELECT f FROM unnest(v_due) f WHERE f.target_cost IS NOT NULL OR price IS NOT NULL
    );
    IF v_due <> '{}' THEN
        v_priced := ARRAY(SELECT pms.price_finding(f, price) FROM unnest(v_due) f);
        v_changed := v_changed
            || pms.post_entries(
                pms.adjustment_entries(v_priced, v_recorded_at, 'validation', trace_id)
            );
        PERFORM pms.record_closes(v_priced);
    END IF;

    v_seen := pms.record_discrepancies(
        ARRAY(SELECT f FROM unnest(examined.findings) f WHERE f <> ALL(v_due)),
        v_rows || v_priced,
        CASE WHEN apply_fixes THEN 'fixed' ELSE 'accepted' END,
        ARRAY(SELECT (account, asset, mode, l.leg)::pms.leg_key FROM pms.position_legs(mode) l),
        '{size,average_price,adoption,stored_row,checkpoint,rule}',
        trace_id
    );
    PERFORM pms.publish_position_events(v_changed, 'validation');
    PERFORM pms.publish_discrepancy_events(v_seen);

    RETURN (v_seen, NULL, v_changed IS NOT NULL)::pms.reconciled_position;
EXCEPTION
    -- An entry that cannot be valued. The subtransaction undoes every change made in here.
    WHEN data_exception THEN
        RETURN ('{}', v_unfoldable, FALSE)::pms.reconciled_position;
END
$$;

COMMENT ON FUNCTION pms.reconcile_position IS
$$Compare a position with every source, and fix the findings that the rules allow

apply_fixes: rows that differ from their ledger are rebuilt, and each report of the venue that the
rules accept becomes one entry. accepted: a discrepancy that a person settles by its proposal, also
where the rules do not allow it; price: that of what it closes or opens. Dismissed ones stay. Findings
that need a person are published.$$;
