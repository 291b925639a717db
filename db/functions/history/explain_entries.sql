CREATE OR REPLACE FUNCTION pms.explained_entry_json(e pms.explained_entry)
RETURNS jsonb
LANGUAGE sql
-- Not IMMUTABLE: it could not be inlined then.
STABLE
RETURN jsonb_build_object(
    'id', (e).id,
    'leg', (e).leg,
    'kind', (e).kind,
    'side', (e).side,
    'quantity', pms.decimal_text((e).quantity),
    'price', pms.decimal_text((e).price),
    'value', pms.decimal_text((e).value),
    'amount', pms.decimal_text((e).amount),
    'fee', pms.decimal_text((e).fee),
    'fee_native', pms.decimal_text((e).fee_native),
    'fee_currency', (e).fee_currency,
    'fee_rate', pms.decimal_text((e).fee_rate),
    'settlement_currency', (e).settlement_currency,
    'executed_at', pms.time_text((e).executed_at),
    'recorded_at', pms.time_text((e).recorded_at),
    'identity', (e).identity,
    'order_id', (e).order_id,
    'amends', (e).amends,
    'cause', (e).cause,
    'counter_account', (e).counter_account,
    'is_voided', (e).is_voided,
    'voided_by', (e).voided_by,
    'amendment', (e).amendment,
    'voided_at', pms.time_text((e).voided_at),
    'source', (e).source,
    'trace_id', (e).trace_id,
    'version', (e).version
)
-- A call takes at most a hundred arguments.
|| jsonb_build_object(
    'size_change', pms.decimal_text((e).size_change),
    'cost_change', pms.decimal_text((e).cost_change),
    'realized_pnl_change', pms.decimal_text((e).realized_pnl_change),
    'size', pms.decimal_text((e).size),
    'average_entry_price', pms.decimal_text((e).average_entry_price),
    'cost', pms.decimal_text((e).cost),
    'realized', pms.decimal_text((e).realized),
    'realized_pnl', pms.decimal_text((e).realized_pnl),
    'fees_paid', pms.decimal_text((e).fees_paid),
    'funding', pms.decimal_text((e).funding),
    'closing_price', pms.decimal_text((e).closing_price),
    'closing_source', (e).closing_source
);

COMMENT ON FUNCTION pms.explained_entry_json IS
'An entry and its leg after it, in the notation of the contract.';

CREATE OR REPLACE FUNCTION pms.explained_value(
    entry pms.ledger_entries,
    before pms.leg_state,
    after pms.leg_state,
    is_counted boolean
)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
RETURN CASE
    WHEN NOT pms.is_action((entry).kind)
        THEN coalesce(
                (entry).amount,
                pms.contract_value(
                    (entry).quantity, (entry).price, (after).multiplier, (after).is_inverse
                )
            )
    WHEN is_counted
        THEN (after).cost - (before).cost - ((after).realized - (before).realized)
            + (after).funding - (before).funding
    ELSE 0
END;

COMMENT ON FUNCTION pms.explained_value IS $$The value of an entry beside its leg after it

That of a corporate action is its effect on the leg, signed as that of a fill or of funding.$$;

CREATE OR REPLACE FUNCTION pms.shown_entry(entry pms.ledger_entries)
RETURNS pms.ledger_entries
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    IF pms.has_ratio(entry.kind) THEN
        entry.cause := pms.action_terms(entry.kind, entry.price, entry.amount, entry.realized);
        entry.price := NULL;
        entry.amount := NULL;
    END IF;
    RETURN entry;
END
$$;

COMMENT ON FUNCTION pms.shown_entry IS
'An entry with the terms of a corporate action as its cause, which the ledger keeps as amounts.';

CREATE OR REPLACE FUNCTION pms.entries_before(
    account text,
    asset text,
    mode text,
    page_limit integer,
    before pms.ledger_entries
)
RETURNS SETOF pms.ledger_entries
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_before_at timestamptz := coalesce((before).executed_at, 'infinity');
    v_before_id bigint := coalesce((before).id, 9223372036854775807);
BEGIN
    RETURN QUERY
    SELECT n.*
    FROM pms.position_legs(entries_before.mode) k
    CROSS JOIN LATERAL (
        SELECT e.*
        FROM pms.entries_of_leg(
            entries_before.account, entries_before.asset, entries_before.mode, k.leg
        ) e
        WHERE (e.executed_at, e.id) < (v_before_at, v_before_id)
        ORDER BY e.executed_at DESC, e.id DESC
        LIMIT entries_before.page_limit
    ) n
    ORDER BY n.executed_at DESC, n.id DESC
    LIMIT entries_before.page_limit;
END
$$;

COMMENT ON FUNCTION pms.entries_before IS $$A page of the entries of a position, newest first

before: the entry before which the page begins; null: the newest.$$;

CREATE OR REPLACE FUNCTION pms.explain_entries(
    account text,
    asset text,
    mode text,
    page_limit integer,
    before pms.ledger_entries
)
RETURNS SETOF pms.explained_entry
LANGUAGE plpgsql
STABLE
-- Compiling the plan takes longer than a page (ADR 0002).
SET jit = off
AS $$
BEGIN
    RETURN QUERY
    -- Read several times (ADR 0002).
    WITH page AS MATERIALIZED (
        SELECT e.*
        FROM pms.entries_before(
            explain_entries.account, explain_entries.asset, explain_entries.mode,
            explain_entries.page_limit, explain_entries.before
        ) e
    ),

    -- The states of the legs and the entries of the page, in one stream that is only sorted: without
    -- statistics the planner might join such small tables in any way (ADR 0002).
    stream AS (
        SELECT
            s.leg, h.executed_at, h.entry_id AS id, FALSE AS is_shown, h.state,
            lag(h.state) OVER (PARTITION BY s.leg ORDER BY h.ordinal) AS before,
            NULL::pms.ledger_entries AS entry
        FROM (
            SELECT g.leg, min(g.executed_at) AS since, max(g.executed_at) AS until
            FROM page g
            GROUP BY g.leg
        ) s
        CROSS JOIN LATERAL pms.leg_history(
            explain_entries.account, explain_entries.asset, explain_entries.mode,
            s.leg, s.since, s.until
        ) h
        UNION ALL
        SELECT g.leg, g.executed_at, g.id, TRUE, NULL, NULL, g::pms.ledger_entries
        FROM page g
    ),

    numbered AS (
        SELECT s.*, count(s.state) OVER place AS moment
        FROM stream s
        WINDOW place AS (
            PARTITION BY s.leg
            ORDER BY s.executed_at NULLS FIRST, s.id NULLS FIRST, s.is_shown
        )
    ),

    -- A voided entry is none of the leg's moments: beside it stands the one before its place.
    explained AS (
        SELECT
            n.is_shown,
            pms.shown_entry(n.entry) AS entry,
            first_value(n.id) OVER same = n.id AS is_counted,
            first_value(n.before) OVER same AS before,
            first_value(n.state) OVER same AS state
        FROM numbered n
        WINDOW same AS (
            PARTITION BY n.leg, n.moment
            ORDER BY n.executed_at NULLS FIRST, n.id NULLS FIRST, n.is_shown
        )
    )

    SELECT
        (x.entry).id, (x.entry).leg, (x.entry).kind,
        pms.entry_side((x.entry).kind, (x.entry).quantity),
        trim_scale((x.entry).quantity),
        trim_scale((x.entry).price),
        trim_scale(pms.explained_value(x.entry, x.before, x.state, x.is_counted)),
        trim_scale((x.entry).amount),
        trim_scale((x.entry).fee),
        trim_scale((x.entry).fee_native),
        coalesce((x.entry).fee_currency, i.settlement_currency),
        trim_scale((x.entry).fee_rate),
        i.settlement_currency,
        (x.entry).executed_at, (x.entry).recorded_at, (x.entry).identity, (x.entry).order_id,
        (x.entry).amends, (x.entry).cause, (x.entry).counter_account,
        v.entry_id IS NOT NULL, v.cause, v.amendment, v.recorded_at,
        (x.entry).source, (x.entry).trace_id, (x.entry).version,
        CASE WHEN x.is_counted THEN trim_scale((x.state).size - (x.before).size) ELSE 0 END,
        CASE WHEN x.is_counted THEN trim_scale((x.state).cost - (x.before).cost) ELSE 0 END,
        CASE WHEN x.is_counted THEN trim_scale(pms.realized_change(x.before, x.state)) ELSE 0 END,
        trim_scale((x.state).size),
        trim_scale(pms.average_price(
            (x.state).size, (x.state).cost, (x.state).multiplier, (x.state).is_inverse
        )),
        trim_scale((x.state).cost),
        trim_scale((x.state).realized),
        trim_scale((x.state).realized - (x.state).fees_close + (x.state).funding),
        trim_scale((x.state).fees_open + (x.state).fees_close),
        trim_scale((x.state).funding),
        trim_scale((x.entry).closing_price),
        (x.entry).closing_source
    FROM explained x
    INNER JOIN pms.instruments i ON (x.entry).asset = i.asset
    LEFT JOIN pms.voids v ON (x.entry).id = v.entry_id
    WHERE x.is_shown
    ORDER BY (x.entry).executed_at DESC, (x.entry).id DESC;
END
$$;

COMMENT ON FUNCTION pms.explain_entries IS $$The entries of a position and its legs after each

Newest first, in the order of events; the legs of a hedge merged, each with its own state. before:
the entry before which the page begins; null: the newest. Costs as much as the page is
long, not as the ledger is: by the index of events, and from the checkpoint before the page.$$;
