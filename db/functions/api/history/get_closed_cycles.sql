CREATE OR REPLACE FUNCTION api.closed_cycles(
    asset text,
    mode text DEFAULT 'one-way',
    account text DEFAULT NULL,
    from_time timestamptz DEFAULT NULL,
    to_time timestamptz DEFAULT 'infinity'
)
RETURNS SETOF pms.round_trip
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_account text := pms.resolve_account(closed_cycles.account);
    v_asset text := (SELECT n.asset FROM pms.asset_of(closed_cycles.asset) n);
    v_mode text := lower(closed_cycles.mode);
BEGIN
    IF (v_mode IN ('one-way', 'hedge')) IS NOT TRUE THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'unknown mode',
            DETAIL = format('mode is %L', closed_cycles.mode),
            HINT = 'A mode is one-way or hedge.';
    END IF;

    RETURN QUERY
    SELECT (c.trip).*
    FROM pms.round_trips(
        ARRAY(
            SELECT (v_account, v_asset, v_mode, k.leg)::pms.leg_key
            FROM pms.position_legs(v_mode) k
        ),
        coalesce(closed_cycles.from_time, '-infinity'),
        coalesce(closed_cycles.to_time, 'infinity')
    ) c;
END
$$;

COMMENT ON FUNCTION api.closed_cycles IS $$Show the closed cycles of a position, newest first

A cycle is a leg from flat to flat; a flip ends one and begins the next, and shares its fee
between them. Those that closed from from_time to to_time, inclusive; without them all. For all
positions at once, see api.cycles. direction: long or short; average_entry_price: of all that
opened, average_exit_price: of all that closed; peak_size, quantity_traded, turnover (its value):
unsigned; realized: gross; net_pnl = realized - fees_paid + funding. mae and mfe: the worst and
the best that realized and unrealized together came to since the cycle began at 0, before fees
and funding, by the kept prices (in a minute in which the leg had an entry: by its first and
last); null when there was none. Amounts are in the settlement currency. No rows: nothing closed
then.

Refuses with:
- 400 `unknown mode`
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.closed_cycles TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.round_trip_json(c pms.round_trip)
RETURNS jsonb
LANGUAGE sql
-- Not IMMUTABLE: it could not be inlined then.
STABLE
RETURN jsonb_build_object(
    'leg', (c).leg,
    'direction', (c).direction,
    'opened_at', pms.time_text((c).opened_at),
    'closed_at', pms.time_text((c).closed_at),
    'duration_minutes', (c).duration_minutes,
    'opening_entry_id', (c).opening_entry_id,
    'closing_entry_id', (c).closing_entry_id,
    'entries', (c).entries,
    'average_entry_price', pms.decimal_text((c).average_entry_price),
    'average_exit_price', pms.decimal_text((c).average_exit_price),
    'peak_size', pms.decimal_text((c).peak_size),
    'quantity_traded', pms.decimal_text((c).quantity_traded),
    'realized', pms.decimal_text((c).realized),
    'fees_paid', pms.decimal_text((c).fees_paid),
    'funding', pms.decimal_text((c).funding),
    'net_pnl', pms.decimal_text((c).net_pnl),
    'mae', pms.decimal_text((c).mae),
    'mfe', pms.decimal_text((c).mfe),
    'price_minutes', (c).price_minutes,
    'settlement_currency', (c).settlement_currency,
    'turnover', pms.decimal_text((c).turnover)
);

COMMENT ON FUNCTION pms.round_trip_json IS 'A cycle in the notation of the contract.';

CREATE OR REPLACE FUNCTION api.get_closed_cycles(
    asset text DEFAULT NULL,
    mode text DEFAULT NULL,
    account text DEFAULT NULL,
    from_time text DEFAULT NULL,
    to_time text DEFAULT NULL,
    page_limit text DEFAULT NULL,
    page_offset text DEFAULT NULL,
    book text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('asset', 'asset', asset),
            ('mode', 'mode', mode),
            ('account', 'account', account),
            ('from', 'time', from_time),
            ('to', 'time', to_time),
            ('limit', 'limit', page_limit),
            ('offset', 'offset', page_offset),
            ('book', 'account', book)
        ]::pms.argument[],
        '{asset}'
    );
    v_account text := pms.book_account(pms.resolve_account(account), asked.value ->> 'book');
    v_asset text := asked.value ->> 'asset';
    v_mode text := coalesce(asked.value ->> 'mode', 'one-way');
    v_to timestamptz := coalesce((asked.value ->> 'to')::timestamptz, 'infinity');
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    IF NOT EXISTS (
        SELECT 1
        FROM pms.positions p
        WHERE p.account = v_account
            AND p.asset = v_asset
            AND p.mode = v_mode
            AND p.version > 0
    ) THEN
        RETURN pms.position_not_found(v_account, v_asset, v_mode);
    END IF;

    RETURN (
        -- Read twice: for the page and for the count (ADR 0002).
        WITH found AS MATERIALIZED (
            SELECT c AS cycle
            FROM api.closed_cycles(
                v_asset, v_mode, v_account,
                coalesce(
                    (asked.value ->> 'from')::timestamptz,
                    least(v_to, now()) - INTERVAL '30 days'
                ),
                v_to
            ) c
        ),

        page AS (
            SELECT f.cycle
            FROM found f
            ORDER BY (f.cycle).closed_at DESC, (f.cycle).closing_entry_id DESC
            LIMIT coalesce((asked.value ->> 'limit')::integer, 100)
            OFFSET coalesce((asked.value ->> 'offset')::integer, 0)
        )

        SELECT jsonb_build_object(
            'cycles', coalesce(
                (
                    SELECT jsonb_agg(
                        pms.round_trip_json(g.cycle)
                        ORDER BY (g.cycle).closed_at DESC, (g.cycle).closing_entry_id DESC
                    )
                    FROM page g
                ),
                '[]'
            ),
            'count', (SELECT count(*) FROM found)
        )
    );
END
$$;

COMMENT ON FUNCTION api.get_closed_cycles IS $$List the closed cycles of a position, newest first

A cycle is a leg from flat to flat; see api.closed_cycles for the fields. from_time and to_time
bound closed_at, inclusive; without from_time: the 30 days before to_time, or before now. count is
of all that match, whatever the page. Without mode: one-way; without account: main; without
page_limit: 100.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when nothing was ever held there$$;

GRANT EXECUTE ON FUNCTION api.get_closed_cycles TO pms_reader, pms_trader, pms_operator;
