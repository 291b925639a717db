CREATE OR REPLACE FUNCTION pms.post_voids(voids pms.entry_void[], changes pms.leg_change[])
RETURNS pms.leg_change[]
LANGUAGE sql
AS $$
WITH entry AS MATERIALIZED (
    SELECT
        e.account, e.id, e.asset, e.mode, e.leg, v.cause, v.amendment, v.recorded_at, v.source,
        v.trace_id,
        e.fee_native IS NOT NULL AND e.fee_rate IS NULL AS is_unconverted
    FROM unnest(post_voids.voids) v
    CROSS JOIN LATERAL pms.find_entry(v.account, v.identity) e
),

voided AS (
    INSERT INTO pms.voids (entry_id, cause, amendment, recorded_at, source, trace_id)
    SELECT n.id, n.cause, n.amendment, n.recorded_at, n.source, n.trace_id
    FROM entry n
),

unconverted AS (
    UPDATE pms.unconverted_fees u
    SET fees = u.fees - g.fees
    FROM (
        SELECT n.account, n.asset, n.mode, n.leg, count(*) AS fees
        FROM entry n
        WHERE n.is_unconverted
        GROUP BY n.account, n.asset, n.mode, n.leg
    ) g
    WHERE (u.account, u.asset, u.mode, u.leg) = (g.account, g.asset, g.mode, g.leg)
)

SELECT array_agg((
    c.account, c.asset, c.mode, c.leg, c.since, c.cause, c.steps, c.recorded_at, c.trace_id
)::pms.leg_change)
FROM (
    SELECT
        u.account, u.asset, u.mode, u.leg,
        min(u.since) AS since,
        -- In this order: a bust explains more than a correction, a correction more than a late entry;
        -- what is counted by another rule is counted whole.
        coalesce(min(u.cause) FILTER (WHERE u.cause = 'recount'), min(u.cause)) AS cause,
        sum(u.steps)::bigint AS steps,
        max(u.recorded_at) AS recorded_at,
        max(u.trace_id) AS trace_id
    FROM (
        SELECT l.* FROM unnest(post_voids.changes) l
        UNION ALL
        SELECT
            v.account, v.asset, v.mode, v.leg, v.executed_at, v.cause, 1, v.recorded_at, v.trace_id
        FROM unnest(post_voids.voids) v
    ) u
    GROUP BY u.account, u.asset, u.mode, u.leg
) c
$$;

COMMENT ON FUNCTION pms.post_voids IS $$Enter voids into the ledger; return the legs that change

The entries they void must be stored, the legs locked. changes: the legs whose past changes for
other reasons; null: none.$$;

CREATE OR REPLACE FUNCTION pms.post_entries(
    entries pms.ledger_entries[],
    voids pms.entry_void[] DEFAULT '{}',
    changes pms.leg_change[] DEFAULT '{}'
)
RETURNS pms.changed_leg[]
LANGUAGE plpgsql
AS $$
DECLARE
    v_changed pms.changed_leg[];
    v_restated pms.leg_change[];
    v_due pms.leg_key[];
    v_exposures pms.exposure_change[];
    v_has_unconverted boolean;
    v_has_reviewable boolean;
    v_has_archives boolean;
    v_has_actions boolean;
    v_has_books boolean;
    v_is_divided boolean;
    v_since timestamptz := timestamptz '-infinity';
    v_booked pms.ledger_entries[];
    v_shares pms.ledger_entries[];
    v_contracts text[] := ARRAY[]::text[];
    v_redefined text[] := ARRAY[]::text[];
    v_targets text[];
    v_later pms.ledger_entries[];
    v_later_voids pms.entry_void[];
    v_received pms.ledger_entries[];
    v_withdrawn pms.entry_void[];
BEGIN
    -- One look for all of them (ADR 0002).
    SELECT
        EXISTS (SELECT 1 FROM pms.ledger_archives),
        EXISTS (SELECT 1 FROM pms.corporate_actions),
        EXISTS (SELECT 1 FROM pms.books),
        EXISTS (SELECT 1 FROM pms.ledger_partitions p WHERE p.since > '-infinity')
    INTO v_has_archives, v_has_actions, v_has_books, v_is_divided;

    IF v_has_archives THEN
        PERFORM pms.require_open_period(ARRAY(
            SELECT n.executed_at FROM unnest(post_entries.entries) n
            UNION ALL
            SELECT v.executed_at FROM unnest(post_entries.voids) v
        ));
    END IF;

    IF v_has_actions THEN
        v_targets := pms.rename_targets(post_entries.entries, post_entries.voids);
        v_later := ARRAY(
            SELECT n FROM unnest(post_entries.entries) n WHERE n.asset = ANY(v_targets)
        );
        v_later_voids := ARRAY(
            SELECT v FROM unnest(post_entries.voids) v WHERE v.asset = ANY(v_targets)
        );
        post_entries.entries := ARRAY(
            SELECT n FROM unnest(post_entries.entries) n WHERE n.asset <> ALL(v_targets)
        );
        post_entries.voids := ARRAY(
            SELECT v FROM unnest(post_entries.voids) v WHERE v.asset <> ALL(v_targets)
        );
    END IF;

    IF v_has_books THEN
        v_booked := pms.entries_of_books(post_entries.entries);
        IF post_entries.voids <> '{}' THEN
            post_entries.voids := post_entries.voids
                || pms.voids_of_books(post_entries.voids, v_booked);
        END IF;
        post_entries.entries := post_entries.entries || v_booked;
    END IF;

    IF v_has_actions THEN
        post_entries.entries := pms.missing_action_entries(post_entries.entries, FALSE)
            || post_entries.entries
            || pms.missing_action_entries(post_entries.entries, TRUE);
        v_contracts := ARRAY(
            SELECT DISTINCT a.asset FROM pms.corporate_actions a WHERE a.action = 'contract'
        );
        v_redefined := ARRAY(
            SELECT DISTINCT n.asset FROM unnest(post_entries.entries) n WHERE n.kind = 'contract'
        );
    END IF;

    IF v_is_divided THEN
        v_since := (
            SELECT max(p.since)
            FROM pms.ledger_partitions p
            WHERE p.since <= (SELECT min(n.executed_at) FROM unnest(post_entries.entries) n)
        );
    END IF;

    WITH touched AS (
        SELECT
            n.asset, n.account, n.mode, n.leg,
            count(*) AS entries,
            min(n.executed_at) AS earliest_at,
            max(n.recorded_at) AS recorded_at,
            max(n.trace_id) AS trace_id
        FROM unnest(post_entries.entries) n
        GROUP BY n.asset, n.account, n.mode, n.leg
    ),

    -- The fold of a leg starts from its row; a leg whose past changes is replayed, below.
    leg AS MATERIALIZED (
        SELECT
            t.*,
            p.ctid AS place,
            p.leg_id AS stored_leg,
            p.version,
            p.exposure,
            i.settlement_currency,
            i.tick_size IS NOT NULL OR i.quantity_step IS NOT NULL
            OR (i.is_assumed AND i.base_currency IS NULL) AS is_reviewable,
            coalesce(m.mark_price, p.current_price) AS mark_price,
            coalesce(t.earliest_at < p.last_executed_at, FALSE)
            OR (t.account, t.asset, t.mode, t.leg) IN (
                SELECT v.account, v.asset, v.mode, v.leg FROM unnest(post_entries.voids) v
            )
            -- A new leg may begin before its contract changed.
            OR (p.last_executed_at IS NULL AND t.asset = ANY(v_contracts))
            -- The instrument has the newest multiplier already.
            OR t.asset = ANY(v_redefined) AS is_restated,
            (
                i.multiplier, i.kind = 'inverse', p.size, p.cost, p.realized, p.fees_open,
                p.fees_close, p.funding, p.opened_at, p.closed_at
            )::pms.leg_state AS state
        FROM touched t
        INNER JOIN pms.positions p
            ON (t.account, t.asset, t.mode, t.leg) = (p.account, p.asset, p.mode, p.leg)
        -- OFFSET 0: looked up, few legs do not read all instruments (ADR 0002).
        CROSS JOIN LATERAL (
            SELECT n.* FROM pms.instruments n WHERE n.asset = t.asset OFFSET 0
        ) i
        LEFT JOIN pms.prices m ON t.asset = m.asset
    ),

    entry AS MATERIALIZED (
        SELECT
            n.*,
            pms.identity_key(n.account, n.identity) AS stored_key,
            pms.identity_scheme(n.identity) AS stored_scheme,
            l.stored_leg,
            l.place,
            l.is_restated,
            l.state,
            l.settlement_currency,
            l.mark_price,
            l.exposure,
            l.version + row_number() OVER (
                PARTITION BY n.asset, n.account, n.mode, n.leg ORDER BY n.ordinality
            ) AS leg_version
        FROM unnest(post_entries.entries) WITH ORDINALITY n
        INNER JOIN leg l
            ON (n.asset, n.account, n.mode, n.leg) = (l.asset, l.account, l.mode, l.leg)
    ),

    posted AS (
        INSERT INTO pms.entries (
            executed_at, recorded_at, version, identity_key, leg_id, order_key, occurrence,
            kind, scheme, source, quantity, price, fee, identity,
            order_id, trace_id, fee_currency, fee_native, fee_rate, amount, realized, amends, cause,
            counter_account, closing_price, closing_source, book
        )
        SELECT
            n.executed_at, n.recorded_at, n.leg_version, n.stored_key, n.stored_leg,
            pms.order_key(n.account, n.order_id),
            -- The identity is new: what has its key is another one, of the batch too where fills
            -- share an id.
            coalesce(
                (
                    SELECT max(x.occurrence) + 1
                    FROM pms.entries x
                    WHERE x.identity_key = n.stored_key
                        -- Unique within a partition: older ones are not read.
                        AND x.executed_at >= v_since
                ),
                0
            ) + CASE
                WHEN n.stored_scheme = 'm' THEN (
                    SELECT count(*)
                    FROM entry o
                    WHERE o.stored_key = n.stored_key
                        AND (o.stored_scheme <> 'm' OR o.ordinality < n.ordinality)
                )
                ELSE 0
            END,
            pms.kind_letter(n.kind), n.stored_scheme, pms.source_letter(n.source),
            n.quantity, n.price, n.fee,
            CASE
                WHEN n.stored_scheme = '-' THEN n.identity
                ELSE substr(n.identity, strpos(n.identity, ':') + 1)
            END,
            n.order_id, n.trace_id, n.fee_currency, n.fee_native, n.fee_rate, n.amount, n.realized,
            n.amends, n.cause, n.counter_account, n.closing_price, n.closing_source, n.book
        FROM entry n
    ),

    -- The place of a row is cheaper to compare than its key. MATERIALIZED folds once (ADR 0002).
    folded AS MATERIALIZED (
        SELECT
            n.place,
            max(n.account) AS account,
            max(n.settlement_currency) AS settlement_currency,
            max(n.mark_price) AS mark_price,
            max(n.exposure) AS former_exposure,
            count(*) AS entries,
            max(n.executed_at) AS latest_at,
            max(n.recorded_at) AS recorded_at,
            max(n.trace_id) AS trace_id,
            pms.fold(
                n.state, n.kind, n.quantity, n.price, n.fee, n.amount, n.realized, n.executed_at,
                n.closing_price ORDER BY n.executed_at, n.ordinality
            ) AS state
        FROM entry n
        WHERE NOT n.is_restated
        GROUP BY n.place
    ),

    valued AS MATERIALIZED (
        SELECT
            f.*,
            pms.leg_exposure(
                (f.state).size, f.mark_price, (f.state).multiplier, (f.state).is_inverse
            ) AS exposure
        FROM folded f
    ),

    stored AS (
        UPDATE pms.positions p
        SET size = (f.state).size,
            cost = (f.state).cost,
            realized = (f.state).realized,
            fees_open = (f.state).fees_open,
            fees_close = (f.state).fees_close,
            funding = (f.state).funding,
            opened_at = (f.state).opened_at,
            closed_at = (f.state).closed_at,
            last_executed_at = greatest(p.last_executed_at, f.latest_at),
            current_price = f.mark_price,
            exposure = f.exposure,
            version = p.version + f.entries,
            entries = p.entries + f.entries,
            updated_at = f.recorded_at,
            entered_at = f.recorded_at
        FROM valued f
        -- The row is locked: it stays in its place.
        WHERE p.ctid = f.place
        RETURNING
            (p.account, p.asset, p.mode, p.leg, f.trace_id, p.needs_review)::pms.changed_leg AS leg,
            p.entries - p.checkpointed >= pms.checkpoint_spacing() AS is_due
    )

    SELECT
        coalesce(array_agg(s.leg), '{}'),
        array_agg(((s.leg).account, (s.leg).asset, (s.leg).mode, (s.leg).leg)::pms.leg_key)
        FILTER (WHERE s.is_due),
        (
            SELECT array_agg((
                l.account, l.asset, l.mode, l.leg, l.earliest_at, 'late', l.entries, l.recorded_at,
                l.trace_id
            )::pms.leg_change)
            FROM leg l
            WHERE l.is_restated
        ),
        (
            SELECT array_agg((
                v.account, v.settlement_currency, v.exposure - v.former_exposure
            )::pms.exposure_change)
            FROM valued v
        ),
        (SELECT bool_or(n.fee_native IS NOT NULL AND n.fee_rate IS NULL) FROM entry n),
        (SELECT bool_or(l.is_reviewable) FROM leg l)
    INTO v_changed, v_due, v_restated, v_exposures, v_has_unconverted, v_has_reviewable
    FROM stored s;

    IF v_exposures IS NOT NULL THEN
        PERFORM pms.add_exposures(v_exposures);
    END IF;

    IF v_has_unconverted THEN
        PERFORM pms.count_unconverted_fees(post_entries.entries);
    END IF;

    IF v_due IS NOT NULL THEN
        PERFORM pms.save_checkpoints(v_due, pms.checkpoint_spacing());
    END IF;

    IF cardinality(post_entries.voids) > 0 THEN
        v_restated := pms.post_voids(post_entries.voids, v_restated);
        PERFORM pms.settle_reviews(ARRAY(
            SELECT (v.account, v.asset, v.mode, v.leg, 'off_tick', v.identity, NULL)::pms.review
            FROM unnest(post_entries.voids) v
        ));
    END IF;

    -- A correction may have converted what it replaced.
    IF v_has_unconverted OR cardinality(post_entries.voids) > 0 THEN
        PERFORM pms.review_unconverted_fees(ARRAY(
            SELECT (n.account, n.asset, n.mode, n.leg)::pms.leg_key
            FROM unnest(post_entries.entries) n
            UNION
            SELECT (v.account, v.asset, v.mode, v.leg)::pms.leg_key
            FROM unnest(post_entries.voids) v
        ));
    END IF;

    IF v_restated IS NOT NULL THEN
        PERFORM pms.replay_legs(v_restated);
        PERFORM pms.restate_pnl(v_restated);

        v_changed := v_changed || ARRAY(
            SELECT (account, asset, mode, leg, c.trace_id, p.needs_review)::pms.changed_leg
            FROM unnest(v_restated) c
            INNER JOIN pms.positions p USING (account, asset, mode, leg)
        );
    END IF;

    IF v_has_reviewable THEN
        PERFORM pms.review_entries(post_entries.entries);
    END IF;

    -- Before renames move what the legs have.
    IF v_has_books AND (
        v_restated IS NOT NULL
        OR post_entries.changes <> '{}'
        OR EXISTS (SELECT 1 FROM unnest(post_entries.entries) n WHERE pms.moves_whole(n.kind))
    ) THEN
        LOOP
            v_shares := pms.shares_due(
                post_entries.entries, v_restated || post_entries.changes
            );
            EXIT WHEN v_shares = '{}';
            PERFORM pms.post_entries(v_shares);
        END LOOP;
    END IF;

    IF v_has_actions THEN
        SELECT f.received, f.withdrawn
        INTO v_received, v_withdrawn
        FROM pms.follow_renames(post_entries.entries, post_entries.voids) f;

        v_received := v_later || v_received;
        v_withdrawn := v_later_voids || v_withdrawn;
        IF v_received <> '{}' OR v_withdrawn <> '{}' THEN
            IF v_has_books THEN
                SELECT l.received, l.withdrawn
                INTO v_received, v_withdrawn
                FROM pms.recorded_later(v_received, v_withdrawn) l;
            END IF;
            v_changed := ARRAY(
                SELECT DISTINCT ON (c.account, c.asset, c.mode, c.leg) c::pms.changed_leg
                FROM unnest(v_changed || pms.post_entries(v_received, v_withdrawn)) c
            );
        END IF;

        PERFORM pms.review_renamed(ARRAY(
            SELECT (c.account, c.asset, c.mode, c.leg)::pms.leg_key FROM unnest(v_changed) c
        ));
    END IF;

    IF v_has_books THEN
        v_changed := ARRAY(SELECT c FROM unnest(v_changed) c WHERE NOT pms.is_book(c.account));
    END IF;

    RETURN v_changed;
END
$$;

COMMENT ON FUNCTION pms.post_entries IS
$$Enter decided entries and voids into the ledger; return the legs that changed

The one way into the ledger, for every kind of entry; what accounts with books have in them follows.
The legs must be locked. Inserts the entries,
folds each leg once, stores its row, saves a checkpoint where one is due and a restatement where the
past changed. The caller compares flagged legs with the venue and publishes, as pms.finish_entries
does. entries: id and version are assigned
here. changes: legs whose past was changed otherwise, which their books follow.$$;
