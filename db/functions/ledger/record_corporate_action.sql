CREATE OR REPLACE FUNCTION pms.lock_actions(events pms.action_event[], legs pms.leg_key[])
RETURNS pms.leg_key[]
LANGUAGE plpgsql
AS $$
DECLARE
    v_assets text[];
BEGIN
    v_assets := ARRAY(
        SELECT coalesce(h.asset, (e.action).asset)
        FROM unnest(lock_actions.events) e
        LEFT JOIN pms.corporate_actions h ON (e.action).action_id = h.action_id
        WHERE e.outcome IS NULL
    );

    -- Others lock a price first and legs afterwards, too.
    PERFORM 1 FROM pms.prices m WHERE m.asset = ANY(v_assets) ORDER BY m.asset FOR UPDATE;

    RETURN (
        WITH RECURSIVE concerned AS (
            SELECT k.account, k.asset, k.mode, k.leg FROM unnest(lock_actions.legs) k
            UNION
            SELECT p.account, p.asset, p.mode, p.leg
            FROM pms.positions p
            WHERE p.asset = ANY(v_assets)
            UNION
            SELECT c.account, r.to_asset, c.mode, c.leg
            FROM concerned c
            INNER JOIN (
                SELECT (e.action).asset, (e.action).to_asset
                FROM unnest(lock_actions.events) e
                WHERE e.outcome IS NULL
            ) r ON c.asset = r.asset
            WHERE r.to_asset IS NOT NULL
        )

        SELECT array_agg(c::pms.leg_key) FROM concerned c
    );
END
$$;

COMMENT ON FUNCTION pms.lock_actions IS
$$Let corporate actions be recorded; return the legs to lock for them

Those of their assets, in all accounts, and legs, with what they are renamed to. Call it before
any leg is locked, with pms.amendments locked in EXCLUSIVE MODE: no leg begins meanwhile that would
lack an entry, see pms.lock_rules.$$;

CREATE OR REPLACE FUNCTION pms.restate_terms(asset text, recorded_at timestamptz)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    instrument pms.instruments;
    v_conversions pms.price_conversions[];
    v_first_multiplier numeric;
    v_multiplier numeric;
BEGIN
    SELECT i.* INTO instrument FROM pms.instruments i WHERE i.asset = restate_terms.asset;
    v_first_multiplier := coalesce(instrument.first_multiplier, instrument.multiplier);

    SELECT
        array_agg((
            instrument.asset, c.effective_at,
            CASE WHEN instrument.kind = 'inverse' THEN c.after ELSE c.before END,
            CASE WHEN instrument.kind = 'inverse' THEN c.before ELSE c.after END,
            'action:' || c.action_id, restate_terms.recorded_at, 'infinity'
        )::pms.price_conversions) FILTER (WHERE c.before <> c.after),
        (
            array_agg(c.multiplier ORDER BY c.effective_at DESC, c.recorded_at DESC)
            FILTER (WHERE c.action = 'contract')
        )[1]
    INTO v_conversions, v_multiplier
    FROM (
        SELECT
            a.*,
            a.units * coalesce(a.multiplier, 1) AS after,
            a.for_units * CASE a.action
                WHEN 'contract' THEN coalesce(
                    lag(a.multiplier) OVER (
                        PARTITION BY a.action ORDER BY a.effective_at, a.recorded_at
                    ),
                    v_first_multiplier
                )
                ELSE 1
            END AS before
        FROM pms.standing_actions a
        WHERE a.asset = restate_terms.asset
            AND a.action IN ('split', 'contract')
    ) c;

    UPDATE pms.instruments i
    SET multiplier = coalesce(v_multiplier, v_first_multiplier),
        first_multiplier = CASE WHEN v_multiplier IS NOT NULL THEN v_first_multiplier END
    WHERE i.asset = restate_terms.asset;

    PERFORM pms.restate_price_conversions(
        restate_terms.asset, v_conversions, restate_terms.recorded_at
    );
    PERFORM pms.convert_newest_price(restate_terms.asset, restate_terms.recorded_at);

    -- A held price of since then may be near the stored one now.
    PERFORM pms.store_prices(ARRAY[(
        1, NULL, NULL, NULL, m.held_trace_id, m.asset, m.held_price, m.held_at, m.held_source
    )::pms.price_event])
    FROM pms.prices m
    WHERE m.asset = restate_terms.asset
        AND m.held_at > m.priced_at;
    PERFORM pms.review_held_prices(ARRAY[restate_terms.asset]);
END
$$;

COMMENT ON FUNCTION pms.restate_terms IS
$$Bring an instrument and its prices to what its corporate actions say

The multiplier is that of the newest change of its contract. A price of before a split or a change
counts in the units after it, so that a position is worth the same at the moment. The legs of the
asset and its price must be locked.$$;

CREATE OR REPLACE FUNCTION pms.define_renamed(asset text, to_asset text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO pms.instruments (asset)
    VALUES (define_renamed.asset), (define_renamed.to_asset)
    ON CONFLICT ON CONSTRAINT instruments_pkey DO NOTHING;

    UPDATE pms.instruments n
    SET kind = f.kind,
        multiplier = f.multiplier,
        quote_currency = f.quote_currency,
        settlement_currency = f.settlement_currency,
        allows_negative_price = f.allows_negative_price,
        is_assumed = f.is_assumed
    FROM pms.instruments f
    WHERE f.asset = define_renamed.asset
        AND n.asset = define_renamed.to_asset
        AND n.is_assumed
        AND NOT EXISTS (
            SELECT 1 FROM pms.positions p WHERE p.asset = n.asset AND p.version > 0
        );
END
$$;

COMMENT ON FUNCTION pms.define_renamed IS
'Define an instrument that nobody has defined or traded as the one that is renamed to it.';

CREATE OR REPLACE FUNCTION pms.bust_corporate_action(
    bust pms.corporate_actions,
    incoming pms.ledger_entries[],
    recorded_at timestamptz,
    OUT outcome text,
    OUT reason text,
    OUT voids pms.entry_void[]
)
LANGUAGE plpgsql
AS $$
DECLARE
    held pms.corporate_actions;
BEGIN
    INSERT INTO pms.corporate_action_busts (action_id, recorded_at, source, trace_id)
    VALUES (bust.action_id, bust_corporate_action.recorded_at, bust.source, bust.trace_id)
    ON CONFLICT ON CONSTRAINT corporate_action_busts_pkey DO NOTHING;
    IF NOT FOUND THEN
        outcome := 'duplicate';
        RETURN;
    END IF;

    outcome := 'applied';
    SELECT a.* INTO held FROM pms.corporate_actions a WHERE a.action_id = bust.action_id;
    IF NOT FOUND THEN
        reason := 'pending_action';
        RETURN;
    END IF;

    PERFORM pms.restate_terms(held.asset, bust_corporate_action.recorded_at);

    voids := ARRAY(
        SELECT (
            e.account, e.asset, e.mode, e.leg, e.executed_at, e.identity, 'bust',
            'bust:action:' || held.action_id, bust_corporate_action.recorded_at, bust.source,
            bust.trace_id
        )::pms.entry_void
        FROM (
            SELECT s.account, s.asset, s.mode, s.leg, s.executed_at, s.identity
            FROM pms.positions p
            INNER JOIN pms.standing_entries s ON p.leg_id = s.leg_id
            WHERE p.asset IN (held.asset, held.to_asset)
                AND s.executed_at = held.effective_at
            UNION ALL
            SELECT n.account, n.asset, n.mode, n.leg, n.executed_at, n.identity
            FROM unnest(bust_corporate_action.incoming) n
        ) e
        WHERE pms.is_entry_of_action(e.identity, held.action_id)
    );
END
$$;

COMMENT ON FUNCTION pms.bust_corporate_action IS $$Take a corporate action back, on all legs

One that is not recorded yet is taken back when it comes (reason pending_action). incoming: entries
that are posted with the voids.$$;

CREATE OR REPLACE FUNCTION pms.is_same_action(
    held pms.corporate_actions,
    action pms.corporate_actions
)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
RETURN (
    (held).action, (held).asset, (held).to_asset, (held).multiplier, (held).rate, (held).price,
    (held).amount, (held).units * (action).for_units
) IS NOT DISTINCT FROM (
    (action).action, (action).asset, (action).to_asset, (action).multiplier,
    CASE WHEN (action).action = 'rename' THEN coalesce((action).rate, 1) END,
    (action).price, (action).amount, (held).for_units * (action).units
);

COMMENT ON FUNCTION pms.is_same_action IS
'Whether a reported action has the terms of a recorded one, whatever its id and time.';

CREATE OR REPLACE FUNCTION pms.classify_corporate_action(
    action pms.corporate_actions,
    is_another boolean,
    OUT outcome text,
    OUT reason text,
    OUT detail text
)
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    held pms.corporate_actions;
    suspect pms.corporate_actions;
BEGIN
    SELECT a.* INTO held FROM pms.corporate_actions a WHERE a.action_id = action.action_id;
    IF FOUND AND pms.is_same_action(held, action) AND held.effective_at = action.effective_at THEN
        outcome := 'duplicate';
        RETURN;
    ELSIF FOUND THEN
        outcome := 'rejected';
        reason := 'identity_conflict';
        detail := pms.conflict_detail('action:' || action.action_id);
        RETURN;
    END IF;

    -- A second rename or settlement finds nothing left, but the fills after the first one.
    SELECT a.*
    INTO suspect
    FROM pms.standing_actions a
    WHERE a.asset = action.asset
        AND a.action IN ('split', 'contract', 'distribution')
        AND a.effective_at > action.effective_at - interval '1 day'
        AND a.effective_at < action.effective_at + interval '1 day'
        AND pms.is_same_action(
            ROW(a.*)::pms.corporate_actions, classify_corporate_action.action
        )
        AND is_another IS NOT TRUE
    ORDER BY a.effective_at, a.action_id
    LIMIT 1;
    IF FOUND THEN
        outcome := 'rejected';
        reason := 'suspected_repeat';
        detail := format(
            'action_id: action:%s has the same terms, at %s; send it with is_another if both count',
            suspect.action_id, pms.time_text(suspect.effective_at)
        );
    ELSE
        SELECT 'rejected', c.reason, c.detail
        INTO outcome, reason, detail
        FROM pms.instruments f
        CROSS JOIN pms.instruments n
        CROSS JOIN LATERAL (
            -- Their costs have opposite signs.
            SELECT 'invalid_asset', format(
                'to_asset: of %s and %s one is inverse: close the one and open the other by fills',
                f.asset, n.asset
            )
            WHERE (f.kind = 'inverse') <> (n.kind = 'inverse')
            UNION ALL
            SELECT 'rate_missing', format(
                'rate: %s settles in %s, %s in %s', f.asset, f.settlement_currency, n.asset,
                n.settlement_currency
            )
            WHERE f.settlement_currency <> n.settlement_currency
                AND action.rate IS NULL
            UNION ALL
            SELECT 'invalid_asset', 'to_asset: is renamed itself at that time'
            FROM pms.standing_actions a
            WHERE a.asset = n.asset
                AND a.action = 'rename'
                AND a.effective_at = action.effective_at
        ) c (reason, detail)
        WHERE f.asset = action.asset
            AND n.asset = action.to_asset
        LIMIT 1;
    END IF;
END
$$;

COMMENT ON FUNCTION pms.classify_corporate_action IS
$$The outcome of a corporate action that is not to be recorded; null records it

duplicate when it was recorded before; rejected when its action_id belongs to another one, when
another action_id has its terms less than a day apart and is_another does not say that both count,
or when it cannot move the positions.$$;

CREATE OR REPLACE FUNCTION pms.record_corporate_action(
    action pms.corporate_actions,
    recorded_at timestamptz,
    OUT entries pms.ledger_entries[]
)
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO pms.corporate_actions (
        action_id, action, asset, effective_at, units, for_units, to_asset, multiplier, rate,
        price, amount, recorded_at, source, trace_id
    )
    VALUES (
        action.action_id, action.action, action.asset, action.effective_at, action.units,
        action.for_units, action.to_asset, action.multiplier,
        CASE WHEN action.action = 'rename' THEN coalesce(action.rate, 1) END,
        action.price, action.amount, record_corporate_action.recorded_at, action.source,
        action.trace_id
    );

    PERFORM pms.restate_terms(action.asset, record_corporate_action.recorded_at);

    entries := ARRAY(
        SELECT pms.action_entry(
            a, p.account, p.mode, p.leg, record_corporate_action.recorded_at, a.source, a.trace_id
        )
        -- None of one that was busted before it came.
        FROM pms.standing_actions a
        INNER JOIN pms.positions p ON a.asset = p.asset
        WHERE a.action_id = action.action_id
            AND (
                EXISTS (
                    SELECT 1
                    FROM pms.entries e
                    WHERE e.leg_id = p.leg_id
                        AND (e.executed_at <= a.effective_at OR a.action = 'contract')
                )
                OR pms.has_archived_entries(
                    p.account, p.asset, p.mode, p.leg, pms.ledger_begins_at()
                )
            )
        ORDER BY p.asset, p.account, p.mode, p.leg
    );
END
$$;

COMMENT ON FUNCTION pms.record_corporate_action IS $$Record a corporate action; return its entries

Those of legs that have older ones; pms.post_entries adds those of legs that get them. The legs must
be locked, see pms.lock_actions.$$;

CREATE OR REPLACE FUNCTION pms.apply_corporate_actions(
    INOUT events pms.action_event[],
    INOUT entries pms.ledger_entries[],
    INOUT voids pms.entry_void[],
    recorded_at timestamptz
)
LANGUAGE plpgsql
AS $$
DECLARE
    event pms.action_event;
    v_events pms.action_event[] := ARRAY[]::pms.action_event[];
    v_voids pms.entry_void[];
BEGIN
    FOREACH event IN ARRAY events
    LOOP
        IF event.outcome IS NULL AND event.is_bust THEN
            SELECT b.outcome, b.reason, b.voids
            INTO event.outcome, event.reason, v_voids
            FROM pms.bust_corporate_action(event.action, entries, recorded_at) b;
            voids := voids || v_voids;
        ELSIF event.outcome IS NULL THEN
            PERFORM pms.define_renamed(
                (event.action).asset, coalesce((event.action).to_asset, (event.action).asset)
            );
            SELECT c.outcome, c.reason, c.detail
            INTO event.outcome, event.reason, event.detail
            FROM pms.classify_corporate_action(event.action, event.is_another) c;
            IF event.outcome IS NULL THEN
                entries := entries
                    || pms.record_corporate_action(event.action, recorded_at);
                event.outcome := 'applied';
            END IF;
        END IF;
        v_events := v_events || event;
    END LOOP;

    events := v_events;
END
$$;

COMMENT ON FUNCTION pms.apply_corporate_actions IS
$$Apply corporate actions and busts of them, in their order

events: as parsed; returned with their outcomes. entries, voids: what is to be posted already;
returned with what the actions add.$$;
