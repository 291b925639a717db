CREATE OR REPLACE FUNCTION pms.parse_simulated_fill(given jsonb)
RETURNS pms.order_event
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    -- An argument that is empty is absent.
    v_given jsonb := pms.without_blanks(jsonb_strip_nulls(parse_simulated_fill.given));
    v_mark numeric;
    v_fill pms.order_event;
BEGIN
    IF NOT v_given ? 'price' THEN
        SELECT m.mark_price
        INTO v_mark
        FROM pms.prices m
        WHERE m.asset = (SELECT n.asset FROM pms.asset_of(v_given ->> 'asset') n);
    END IF;

    SELECT e.*
    INTO STRICT v_fill
    FROM pms.parse_order_events(
        ARRAY[
            -- The way that a real one comes: what is refused there is refused here.
            jsonb_strip_nulls(
                jsonb_build_object(
                    'event_type', 'order_executed',
                    'execution_id', 'hypothetical',
                    'account', v_given -> 'account',
                    'strategy', v_given -> 'strategy',
                    'asset', v_given -> 'asset',
                    'mode', v_given -> 'mode',
                    'position_side', v_given -> 'position_side',
                    'side', v_given -> 'side',
                    'execution_quantity', v_given -> 'quantity',
                    'execution_price', coalesce(v_given -> 'price', to_jsonb(v_mark::text)),
                    'execution_fees', coalesce(v_given -> 'fee', '"0"')
                )
            )
        ],
        FALSE
    ) e;

    IF lower(v_given ->> 'position_side') NOT IN ('long', 'short')
        AND coalesce(v_fill.reason, '') NOT IN ('invalid_account', 'invalid_asset', 'invalid_mode')
    THEN
        v_fill.outcome := 'rejected';
        v_fill.detail := 'position_side: must be long or short';
    ELSIF v_fill.reason = 'invalid_price' AND NOT v_given ? 'price' THEN
        v_fill.detail := 'price: must be given, there is no mark price to take for it';
    ELSIF v_fill.outcome IS NULL THEN
        -- Of what a client writes itself nothing is rounded, nor left out.
        v_fill.detail := coalesce(
            v_fill.detail,
            (
                SELECT g.key || ': must be ' || pms.argument_range('decimal')
                FROM jsonb_each_text(v_given - '{account,asset,strategy}'::text[]) g
                WHERE pms.has_more_places(g.value)
                ORDER BY g.key
                LIMIT 1
            ),
            CASE
                WHEN lower(v_given ->> 'side') NOT IN ('buy', 'sell')
                    THEN 'side: ' || pms.check_side(v_given ->> 'side')
            END
        );
        v_fill.outcome := CASE WHEN v_fill.detail IS NOT NULL THEN 'rejected' END;
    END IF;

    v_fill.detail := regexp_replace(
        replace(v_fill.detail, 'execution_fees:', 'fee:'), '^execution_', ''
    );
    RETURN v_fill;
END
$$;

COMMENT ON FUNCTION pms.parse_simulated_fill IS
$$A simulated fill, parsed as if it had arrived

given: account, strategy, asset, mode, position_side, side, quantity, price (absent: the mark
price), fee (in the settlement currency). A refused fill has outcome rejected, and a detail:
field: what it must be. Never raises.$$;

CREATE OR REPLACE FUNCTION pms.simulated_fill_json(fill pms.order_event)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'account', (fill).account,
    'book', (fill).book,
    'asset', (fill).asset,
    'mode', (fill).mode,
    'position_side', nullif((fill).leg, 'net'),
    'side', CASE WHEN (fill).quantity > 0 THEN 'buy' ELSE 'sell' END,
    'quantity', pms.decimal_text(abs((fill).quantity)),
    'price', pms.decimal_text((fill).price),
    'fee', pms.decimal_text((fill).fee)
);

COMMENT ON FUNCTION pms.simulated_fill_json IS 'The fill that a check is about.';

CREATE OR REPLACE FUNCTION pms.simulated_position_json(
    legs pms.priced_leg[],
    fill pms.order_event
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_legs pms.priced_leg[] := ARRAY(
        SELECT l FROM unnest(legs) l WHERE l.account = fill.account
    );
BEGIN
    RETURN (
        SELECT
            jsonb_build_object('exposure_usdt', pms.decimal_text(p.exposure_usdt))
            || pms.position_json(p)
            - '{id,version,time_held_minutes,price_updated_at,needs_review,review_reasons,
                last_updated,last_snapshot_at,closed_at,created_at,unconverted_fees}'::text[]
        FROM pms.positions_from_legs(v_legs, now()) p
        WHERE p.asset = fill.asset
            AND p.mode = fill.mode
    );
END
$$;

COMMENT ON FUNCTION pms.simulated_position_json IS
$$The position of a simulated fill, of legs before or after it

Null when there is none. What depends on the moment or on storage is left out.$$;

CREATE OR REPLACE FUNCTION pms.harmed_limits(changes pms.limit_change[], kind text)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN coalesce(
    (
        SELECT jsonb_agg((c.after).id ORDER BY (c.after).scope DESC, (c.after).id)
        FROM unnest(changes) c
        WHERE c.harm = kind
    ),
    '[]'
);

COMMENT ON FUNCTION pms.harmed_limits IS
'The ids of the limits that a simulated fill harms: breached or worsened, as in pms.limit_change.';

CREATE OR REPLACE FUNCTION pms.pre_trade_book(legs pms.priced_leg[], fill pms.order_event)
RETURNS pms.portfolio_total[]
LANGUAGE sql
STABLE
AS $$
SELECT array(
    SELECT t
    FROM unnest((pms.pre_trade_totals(pre_trade_book.legs, pre_trade_book.fill)).judged) t
    WHERE NOT t.is_all_accounts
)
$$;

COMMENT ON FUNCTION pms.pre_trade_book IS
$$The totals of the book of a simulated fill, as limits judge them

legs: those of the book; fill: with the account of pms.book_account.$$;

CREATE OR REPLACE FUNCTION api.check_fill(
    asset text DEFAULT NULL,
    side text DEFAULT NULL,
    quantity text DEFAULT NULL,
    price text DEFAULT NULL,
    fee text DEFAULT NULL,
    mode text DEFAULT NULL,
    position_side text DEFAULT NULL,
    account text DEFAULT NULL,
    strategy text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
-- Compiling a plan takes longer than the check (ADR 0002).
SET jit = off
AS $$
DECLARE
    v_account text := pms.account_name(account);
    fill pms.order_event := pms.parse_simulated_fill(jsonb_build_object(
        'asset', asset,
        'side', side,
        'quantity', quantity,
        'price', price,
        'fee', fee,
        'mode', mode,
        'position_side', position_side,
        'account', pms.resolve_account(v_account),
        'strategy', strategy
    ));
    v_legs pms.priced_leg[];
    v_legs_after pms.priced_leg[];
    booked pms.order_event;
    v_booked pms.priced_leg[];
    before pms.pre_trade_side;
    after pms.pre_trade_side;
BEGIN
    IF fill.outcome = 'rejected' THEN
        RETURN pms.validation_error(jsonb_build_object(
            split_part(fill.detail, ': ', 1), regexp_replace(fill.detail, '^[^:]*: ', '')
        ));
    END IF;

    v_legs := pms.current_legs(NULL);
    v_legs_after := pms.legs_after_fill(v_legs, fill);
    before := pms.pre_trade_totals(v_legs, fill);
    after := pms.pre_trade_totals(v_legs_after, fill);
    IF fill.book IS NULL AND EXISTS (SELECT 1 FROM pms.books b WHERE b.account = fill.account) THEN
        fill.book := pms.unassigned_book();
    END IF;
    IF fill.book IS NOT NULL THEN
        booked := fill;
        booked.account := pms.book_account(fill.account, fill.book);
        v_booked := pms.current_legs(booked.account);
        before.judged := before.judged || pms.pre_trade_book(v_booked, booked);
        after.judged := after.judged
            || pms.pre_trade_book(pms.legs_after_fill(v_booked, booked), booked);
    END IF;

    RETURN (
        SELECT jsonb_build_object(
            'allowed', bool_and(c.harm IS NULL) IS NOT FALSE,
            'newly_breached', pms.harmed_limits(array_agg(c), 'breached'),
            'worsened', pms.harmed_limits(array_agg(c), 'worsened'),
            'fill', pms.simulated_fill_json(fill),
            'position', jsonb_build_object(
                'before', pms.simulated_position_json(v_legs, fill),
                'after', pms.simulated_position_json(v_legs_after, fill)
            ),
            'portfolio', jsonb_build_object(
                'before', pms.portfolio_json_at(pms.total_of(before.totals, v_account, NULL)),
                'after', pms.portfolio_json_at(pms.total_of(after.totals, v_account, NULL))
            ),
            'limits', coalesce(
                jsonb_agg(
                    pms.limit_json(c.before) || jsonb_build_object(
                        'before', pms.limit_usage_json(c.before),
                        'after', pms.limit_usage_json(c.after)
                    )
                    ORDER BY (c.before).scope DESC, (c.before).id
                ),
                '[]'
            ),
            'calculated_at', pms.time_text(clock_timestamp())
        )
        FROM pms.pre_trade_limits(
                before, after, pms.order_total_of(fill, v_legs_after), booked.account
            ) c
    );
END
$$;

COMMENT ON FUNCTION api.check_fill IS $$Check the effect of a fill without recording it

The position of the fill (account main, mode one-way unless said), the portfolio (of the account
that is named, else of all accounts) and every limit that concerns it, before and after.
strategy: the book of the fill, whose limits concern it as well; without one in an account with
books, unassigned. allowed is false when a limit would be breached that is not, or further than
it is: newly_breached and worsened are the ids of these. price: the mark price when absent; fee:
in the settlement currency. unpriced names the assets that are left out of the totals for lack of
a price or a rate; the limits value the asset of the fill at its price, when it has no other.

Refuses with:
- 400 VALIDATION_ERROR when an argument is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.check_fill TO pms_reader, pms_trader, pms_operator;
