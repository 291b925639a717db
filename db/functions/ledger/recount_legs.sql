CREATE OR REPLACE FUNCTION pms.amount_by_rule(
    quantity numeric,
    amount numeric,
    former pms.instruments,
    present pms.instruments
)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
RETURN CASE
    WHEN quantity = 0 OR amount = 0 THEN amount
    WHEN ((former).kind = 'inverse') = ((present).kind = 'inverse')
        THEN pms.div_round(amount * (present).multiplier, (former).multiplier, 18)
    ELSE
        pms.contract_value(
            quantity,
            pms.average_price(
                quantity, amount, (former).multiplier, (former).kind = 'inverse'
            ),
            (present).multiplier,
            (present).kind = 'inverse'
        )
END;

COMMENT ON FUNCTION pms.amount_by_rule IS $$What an entry of a given value is worth by another rule

At the average price that its value implies; between kinds of one formula in proportion, exactly.$$;

CREATE OR REPLACE FUNCTION pms.recounted_entries(
    former pms.instruments,
    present pms.instruments,
    recorded_at timestamptz,
    trace_id text
)
RETURNS TABLE (former_entry pms.ledger_entries, entry pms.ledger_entries)
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_number CONSTANT bigint := (
        SELECT count(*) FROM pms.former_instruments f WHERE f.asset = present.asset
    );
    v_converts CONSTANT boolean := (
        (former.settlement_currency, former.kind = 'spot', former.base_currency)
        IS DISTINCT FROM (present.settlement_currency, present.kind = 'spot', present.base_currency)
    );
    v_former pms.ledger_entries[] := ARRAY(
        SELECT e
        FROM pms.ledger_entries e
        WHERE NOT EXISTS (SELECT 1 FROM pms.voids v WHERE v.entry_id = e.id)
            AND e.leg_id IN (
                -- A book follows its account.
                SELECT l.leg_id
                FROM pms.legs l
                WHERE l.asset = present.asset
                    AND NOT pms.is_book(l.account)
            )
            AND (
                -- What a rename moves is what it cost there.
                e.kind NOT IN ('funding', 'rename') AND e.amount IS NOT NULL
                OR e.kind IN ('trade', 'transfer') AND (
                    e.fee_rate = 0 OR v_converts AND e.fee_currency IS NOT NULL
                )
            )
        ORDER BY e.id
    );
    -- As they were charged, where a fee is converted again.
    v_entries CONSTANT pms.ledger_entries[] := ARRAY(
        SELECT jsonb_populate_record(
            e,
            jsonb_build_object(
                'identity', CASE
                    WHEN e.amends IS NULL THEN format('correction:recount %s:%s', v_number, e.identity)
                    -- After what it replaces, of the same time.
                    ELSE format('%s recount %s', e.identity, v_number)
                END,
                'amends', coalesce(e.amends, e.identity),
                'quantity', pms.reported_quantity(e),
                'amount', CASE
                    WHEN e.fee_rate = 0 THEN NULL
                    ELSE pms.amount_by_rule(e.quantity, e.amount, former, present)
                END,
                'recorded_at', recounted_entries.recorded_at,
                'trace_id', recounted_entries.trace_id
            )
            || CASE
                WHEN v_converts OR e.fee_rate = 0
                    THEN jsonb_build_object(
                            'fee', coalesce(e.fee_native, e.fee),
                            'fee_currency', nullif(e.fee_currency, present.settlement_currency),
                            'fee_native', NULL,
                            'fee_rate', NULL
                        )
                ELSE '{}'
            END
        )
        FROM unnest(v_former) e
    );
    v_converted CONSTANT pms.ledger_entries[] := pms.convert_fees(v_entries);
BEGIN
    RETURN QUERY
    SELECT f, n
    FROM generate_subscripts(v_former, 1) x (place)
    CROSS JOIN LATERAL (
        SELECT
            v_former[x.place],
            CASE
                WHEN v_converts OR (v_former[x.place]).fee_rate = 0 THEN v_converted[x.place]
                ELSE v_entries[x.place]
            END
    ) p (f, n)
    WHERE ((f).quantity, (f).amount, (f).fee, (f).fee_currency, (f).fee_native, (f).fee_rate)
        IS DISTINCT FROM
        ((n).quantity, (n).amount, (n).fee, (n).fee_currency, (n).fee_native, (n).fee_rate);
END
$$;

COMMENT ON FUNCTION pms.recounted_entries IS
$$The entries whose fee or amount another rule changes, and what stands in their place

Fees are converted again from what was charged if the settlement currency, or what is taken from the
quantity, changes: with the rates of their time that are known now. The value of absolute entries,
of transfers at cost and of totals whose average was rounded follows from their average. All other
entries stay as they are: only what they are worth changes.$$;

CREATE OR REPLACE FUNCTION pms.recount_legs(
    former pms.instruments,
    keys pms.leg_key[],
    recorded_at timestamptz,
    trace_id text
)
RETURNS pms.changed_leg[]
LANGUAGE plpgsql
AS $$
DECLARE
    present pms.instruments;
    v_changes pms.leg_change[];
    v_entries pms.ledger_entries[];
    v_voids pms.entry_void[];
    v_changed pms.changed_leg[];
BEGIN
    SELECT i.* INTO STRICT present FROM pms.instruments i WHERE i.asset = former.asset;

    PERFORM pms.clear_exposures(keys, former.settlement_currency);

    v_changes := ARRAY(
        SELECT (
            k.account, k.asset, k.mode, k.leg, e.since, 'recount', 1, recount_legs.recorded_at,
            recount_legs.trace_id
        )::pms.leg_change
        FROM unnest(keys) k
        CROSS JOIN LATERAL (
            SELECT min(n.executed_at) AS since
            FROM pms.entries_of_leg(k.account, k.asset, k.mode, k.leg) n
        ) e
        WHERE e.since IS NOT NULL
    );

    SELECT
        array_agg(r.entry),
        array_agg((
            (r.entry).account, (r.entry).asset, (r.entry).mode, (r.entry).leg, c.since,
            (r.former_entry).identity, 'recount', (r.entry).identity, recount_legs.recorded_at,
            (r.entry).source, recount_legs.trace_id
        )::pms.entry_void)
    INTO v_entries, v_voids
    FROM pms.recounted_entries(former, present, recount_legs.recorded_at, recount_legs.trace_id) r
    INNER JOIN unnest(v_changes) c
        ON ((r.entry).account, (r.entry).mode, (r.entry).leg) = (c.account, c.mode, c.leg);

    IF v_entries IS NOT NULL THEN
        -- A bust or a correction that comes later finds them in the family of what they replace.
        INSERT INTO pms.amendments (
            account, identity, amends, cause, amended_at, recorded_at, applied_at, source, trace_id
        )
        SELECT
            n.account, n.identity, n.amends, 'correction',
            coalesce(
                (
                    SELECT a.amended_at
                    FROM pms.amendments a
                    WHERE a.account = n.account
                        AND a.identity = v.identity
                ),
                n.executed_at
            ),
            n.recorded_at, n.recorded_at, n.source, n.trace_id
        FROM ROWS FROM (unnest(v_entries)) n
        INNER JOIN unnest(v_voids) v ON n.account = v.account AND n.identity = v.amendment;

        v_changed := pms.post_entries(v_entries, v_voids);
    END IF;

    v_changes := ARRAY(
        SELECT c
        FROM unnest(v_changes) c
        WHERE NOT EXISTS (
            SELECT 1
            FROM unnest(v_changed) d
            WHERE (d.account, d.asset, d.mode, d.leg) = (c.account, c.asset, c.mode, c.leg)
        )
    );
    PERFORM pms.replay_legs(v_changes);
    PERFORM pms.restate_pnl(v_changes);
    v_changed := v_changed || ARRAY(
        SELECT (account, asset, mode, leg, c.trace_id, p.needs_review)::pms.changed_leg
        FROM unnest(v_changes) c
        INNER JOIN pms.positions p USING (account, asset, mode, leg)
    );

    SELECT f.received, f.withdrawn
    INTO v_entries, v_voids
    FROM pms.follow_renames('{}', ARRAY(
        SELECT (
            c.account, c.asset, c.mode, c.leg, c.since, NULL, 'recount', NULL,
            recount_legs.recorded_at, 'api', recount_legs.trace_id
        )::pms.entry_void
        FROM unnest(v_changes) c
    )) f;
    IF v_entries <> '{}' OR v_voids <> '{}' THEN
        v_changed := v_changed || pms.post_entries(v_entries, v_voids);
    END IF;

    PERFORM pms.post_entries('{}', changes => v_changes);
    RETURN ARRAY(SELECT c FROM unnest(v_changed) c WHERE NOT pms.is_book(c.account));
END
$$;

COMMENT ON FUNCTION pms.recount_legs IS $$Count all legs of an instrument by its present rule

former: the rule until now. The legs, and those that renames lead to, must be locked, at
recorded_at, and no other leg of the instrument may come about meanwhile. Each leg is folded from
its first entry; what its realized PnL was before is kept as a restatement. Funding, fees in the
settlement currency and PnL that an opening carried over are cash: their numbers stay, in the
settlement currency of the present rule. What a rename has moved costs what it cost in its former
asset.
Returns the legs that changed, for pms.finish_entries.$$;

CREATE OR REPLACE FUNCTION pms.require_first_contract(
    held pms.instruments,
    kind text,
    multiplier numeric,
    settlement_currency text
)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_changes CONSTANT text := (
        SELECT string_agg('action:' || a.action_id, ', ' ORDER BY a.effective_at, a.action_id)
        FROM pms.standing_actions a
        WHERE a.asset = held.asset
            AND a.action = 'contract'
    );
BEGIN
    IF v_changes IS NOT NULL
        AND (held.kind, held.multiplier, held.settlement_currency)
        IS DISTINCT FROM (kind, multiplier, settlement_currency)
    THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = 'instrument has changed its contract',
            DETAIL = format(
                '%s is %s with multiplier %s in %s since %s', held.asset, held.kind,
                pms.decimal_text(held.multiplier), held.settlement_currency, v_changes
            ),
            HINT = format(
                'Record another change of the contract from its time on. To define it from the '
                'beginning, bust %s, define it, and record the change again under another '
                'action_id.', v_changes
            );
    END IF;
END
$$;

COMMENT ON FUNCTION pms.require_first_contract IS
$$Check that a definition does not rewrite a contract that has changed

A definition holds from the first entry on, a corporate action from its time on: the definition
would be that of no time. Refuses with:
- 409 `instrument has changed its contract`$$;

CREATE OR REPLACE FUNCTION pms.change_instrument(
    asset text,
    kind text,
    multiplier numeric,
    quote_currency text,
    settlement_currency text,
    allows_negative_price boolean,
    expires_at timestamptz,
    tick_size numeric,
    quantity_step numeric,
    trace_id text
)
RETURNS pms.changed_leg[]
LANGUAGE plpgsql
AS $$
DECLARE
    former pms.instruments;
    present pms.instruments;
    v_keys pms.leg_key[];
    v_recorded_at timestamptz;
    v_changed pms.changed_leg[] := ARRAY[]::pms.changed_leg[];
BEGIN
    -- Before all others: the entries of a recount amend entries.
    LOCK TABLE pms.amendments IN EXCLUSIVE MODE;

    -- Others lock a price first and legs afterwards, too.
    PERFORM 1 FROM pms.prices m WHERE m.asset = change_instrument.asset FOR UPDATE;

    INSERT INTO pms.instruments (asset) VALUES (change_instrument.asset)
    ON CONFLICT ON CONSTRAINT instruments_pkey DO NOTHING;

    -- A leg that comes about refers to its instrument, and waits.
    SELECT i.*
    INTO STRICT former
    FROM pms.instruments i
    WHERE i.asset = change_instrument.asset
    FOR UPDATE;
    PERFORM pms.require_first_contract(former, kind, multiplier, settlement_currency);

    v_keys := ARRAY(
        SELECT (p.account, p.asset, p.mode, p.leg)::pms.leg_key
        FROM pms.positions p
        WHERE p.asset = change_instrument.asset
    );
    -- With those that renames lead to.
    v_recorded_at := pms.lock_legs(v_keys);

    UPDATE pms.instruments i
    SET kind = change_instrument.kind,
        multiplier = change_instrument.multiplier,
        quote_currency = change_instrument.quote_currency,
        settlement_currency = change_instrument.settlement_currency,
        allows_negative_price = change_instrument.allows_negative_price,
        expires_at = change_instrument.expires_at,
        tick_size = change_instrument.tick_size,
        quantity_step = change_instrument.quantity_step,
        is_assumed = FALSE,
        defined_at = v_recorded_at
    WHERE i.asset = change_instrument.asset
    RETURNING i.* INTO STRICT present;

    -- Also a guess that is confirmed: what was named in its currency is not named any longer.
    IF v_keys <> '{}' AND (former.is_assumed OR (
        former.kind, former.multiplier, former.settlement_currency, former.base_currency
    ) IS DISTINCT FROM (
        present.kind, present.multiplier, present.settlement_currency, present.base_currency
    )) THEN
        INSERT INTO pms.former_instruments (asset, known_to, kind, multiplier, settlement_currency)
        VALUES (
            former.asset, v_recorded_at, former.kind,
            coalesce(former.first_multiplier, former.multiplier), former.settlement_currency
        );
    END IF;

    -- Of an inverse contract a split converts the prices the other way round.
    IF (former.kind = 'inverse') <> (present.kind = 'inverse') THEN
        PERFORM pms.restate_terms(present.asset, v_recorded_at);
    END IF;

    IF v_keys <> '{}'
        AND (former.kind, former.multiplier, former.settlement_currency, former.base_currency)
        IS DISTINCT FROM
        (present.kind, present.multiplier, present.settlement_currency, present.base_currency)
    THEN
        PERFORM pms.require_unarchived_legs(v_keys);
        v_changed := pms.recount_legs(former, v_keys, v_recorded_at, trace_id);
    END IF;

    PERFORM pms.settle_reviews(ARRAY(
        SELECT (r.account, r.asset, r.mode, r.leg, r.code, r.source, r.detail)::pms.review
        FROM unnest(v_keys) k
        INNER JOIN pms.reviews r USING (account, asset, mode, leg)
        LEFT JOIN LATERAL pms.find_entry(r.account, r.source) e ON r.code = 'off_tick'
        WHERE r.code IN ('assumed_instrument', 'renamed_asset')
            OR (r.code = 'off_tick' AND pms.off_tick(present, e) IS NULL)
    ));

    RETURN v_changed;
END
$$;

COMMENT ON FUNCTION pms.change_instrument IS
$$Define an instrument, and count its legs by the definition

In one transaction, with all its legs locked in the order of their keys: their fills, and order
events as a whole, wait until it is done. Returns the legs that were counted otherwise before.
Raises class 22 when an entry cannot be valued by the new rule.$$;
