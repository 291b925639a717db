-- The ledger stores one letter for each of its words; pms.ledger_entries has the words again. A
-- word without a letter gives null, which the table refuses.

CREATE OR REPLACE FUNCTION pms.kind_letter(word text)
RETURNS "char"
LANGUAGE sql
IMMUTABLE
RETURN CASE word
    WHEN 'trade' THEN 't'
    WHEN 'opening' THEN 'o'
    WHEN 'transfer' THEN 'x'
    WHEN 'adjustment' THEN 'a'
    WHEN 'funding' THEN 'f'
    WHEN 'split' THEN 's'
    WHEN 'rename' THEN 'r'
    WHEN 'contract' THEN 'c'
    WHEN 'settlement' THEN 'e'
    WHEN 'distribution' THEN 'd'
END::"char";

COMMENT ON FUNCTION pms.kind_letter IS 'The letter of a kind of entry.';

-- Each is one expression, so that it is inlined; views call them with the rights of their readers.
CREATE OR REPLACE FUNCTION pms.is_action(kind text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN kind IN ('split', 'rename', 'contract', 'settlement', 'distribution');

COMMENT ON FUNCTION pms.is_action IS 'Whether a kind of entry is that of a corporate action.';

CREATE OR REPLACE FUNCTION pms.has_ratio(kind text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN kind IN ('split', 'rename', 'contract');

COMMENT ON FUNCTION pms.has_ratio IS
$$Whether a kind of entry is that of a corporate action with a ratio

Its price and amount are new units and old ones.$$;

CREATE OR REPLACE FUNCTION pms.entry_side(kind text, quantity numeric)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN kind IN ('opening', 'adjustment', 'rename') THEN NULL
    WHEN quantity > 0 THEN 'buy'
    WHEN quantity < 0 THEN 'sell'
END;

COMMENT ON FUNCTION pms.entry_side IS
'The side of an entry, buy or sell; null for one that sets or moves a size, or has no quantity.';

GRANT EXECUTE ON FUNCTION pms.has_ratio TO pms_reader, pms_trader, pms_operator, pms_analyst;
GRANT EXECUTE ON FUNCTION pms.entry_side TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.source_letter(word text)
RETURNS "char"
LANGUAGE sql
IMMUTABLE
RETURN CASE word
    WHEN 'order_execution' THEN 'e'
    WHEN 'api' THEN 'a'
    WHEN 'venue' THEN 'v'
    WHEN 'validation' THEN 'c'
    WHEN 'import' THEN 'i'
END::"char";

COMMENT ON FUNCTION pms.source_letter IS 'The letter of where an entry came from.';

CREATE OR REPLACE FUNCTION pms.identity_scheme(identity text)
RETURNS "char"
LANGUAGE sql
IMMUTABLE
RETURN CASE left(identity, strpos(identity, ':'))
    WHEN 'execution:' THEN 'e'
    WHEN 'order:' THEN 'o'
    WHEN 'event:' THEN 'v'
    WHEN 'fill:' THEN 'l'
    WHEN 'funding:' THEN 'f'
    WHEN 'correction:' THEN 'c'
    WHEN 'transfer:' THEN 'x'
    WHEN 'adjustment:' THEN 'a'
    WHEN 'adoption:' THEN 'p'
    WHEN 'import:' THEN 'i'
    WHEN 'match:' THEN 'm'
    ELSE '-'
END::"char";

COMMENT ON FUNCTION pms.identity_scheme IS
'How an identity is made, by its prefix, such as execution: from the execution id; else -.';

CREATE OR REPLACE FUNCTION pms.identity_key(account text, identity text)
RETURNS bigint
LANGUAGE sql
IMMUTABLE
RETURN hashtextextended(pms.bare_identity(identity), hashtextextended(account, 0));

COMMENT ON FUNCTION pms.identity_key IS
$$The key by which an identity is found; compare the texts of what it finds

Salted with the account: the same execution id in two accounts has two keys. Fills that share an id
have one, see pms.qualified_identity.$$;

CREATE OR REPLACE FUNCTION pms.fill_key(
    identity_key bigint,
    asset text,
    leg text,
    quantity numeric
)
RETURNS bigint
LANGUAGE sql
IMMUTABLE
RETURN hashtextextended(asset || ' ' || leg || ' ' || sign(quantity), identity_key);

COMMENT ON FUNCTION pms.fill_key IS
$$Names a fill in the archive: a venue may give one id to a fill of each asset and side

identity_key: of pms.identity_key.$$;

CREATE OR REPLACE FUNCTION pms.order_key(account text, order_id text)
RETURNS integer
LANGUAGE sql
IMMUTABLE
RETURN (hashtextextended(order_id, hashtextextended(account, 0)) >> 32)::integer;

COMMENT ON FUNCTION pms.order_key IS
'The key by which the entries of an order are found; compare the texts of what it finds.';

-- Each is one expression, so that it is inlined.
CREATE OR REPLACE FUNCTION pms.bare_identity(identity text)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE WHEN identity LIKE 'match:%' THEN substr(identity, 24) ELSE identity END;

COMMENT ON FUNCTION pms.bare_identity IS
$$The identity that several fills share, of one that pms.qualified_identity made; else the same$$;

CREATE OR REPLACE FUNCTION pms.qualified_identity(
    identity text,
    asset text,
    leg text,
    quantity numeric,
    order_id text,
    trace_id text
)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN 'match:'
|| left(
    md5(
        quote_nullable(asset) || quote_nullable(leg) || sign(quantity) || quote_nullable(order_id)
        || quote_nullable(trace_id)
    ),
    16
)
|| ':' || identity;

COMMENT ON FUNCTION pms.qualified_identity IS
$$The identity of a further fill under the id of another one

A venue may number executions per symbol, and both sides of a match carry one id. The first fill
under an id has the bare identity, the others have this one; pms.identity_key finds all of them at
once. trace_id: only where nothing else distinguishes two fills.$$;

CREATE OR REPLACE FUNCTION pms.order_identity(
    order_id text,
    quantity numeric,
    asset text,
    created_at timestamptz
)
RETURNS text
LANGUAGE sql
-- As stable as the epoch of a time is for PostgreSQL: otherwise it is not inlined.
STABLE
RETURN 'order:' || order_id || ':' || quantity
|| CASE WHEN asset IS NULL THEN '' ELSE '#' || asset END
|| CASE
    WHEN created_at IS NOT NULL THEN '@' || trim_scale(extract(EPOCH FROM created_at))
    -- The asset is no time.
    WHEN asset IS NOT NULL THEN '@'
    ELSE ''
END;

COMMENT ON FUNCTION pms.order_identity IS
$$The identity of the step to a total of an order

asset: only where orders in several assets have this id. created_at: that of the order, where its
events name it.$$;

CREATE OR REPLACE FUNCTION pms.order_start(identity text)
RETURNS timestamptz
LANGUAGE sql
IMMUTABLE
-- Without a time, what follows the last @ is nothing, or has the : before the quantity.
RETURN to_timestamp(
    CASE
        WHEN strpos(split_part(identity, '@', -1), ':') = 0
            THEN nullif(split_part(identity, '@', -1), '')::double precision
    END
);

COMMENT ON FUNCTION pms.order_start IS
'The created_at of an order, of the identity of one of its totals; null where it has none.';

CREATE OR REPLACE FUNCTION pms.order_cost(quantity numeric, price numeric, multiplier numeric)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN quantity = 0 OR price = 0 THEN 0
    WHEN multiplier < 0 THEN pms.div_round(quantity, price, 60)
    ELSE quantity * price
END;

COMMENT ON FUNCTION pms.order_cost IS $$What a quantity adds to the cost of its order, at a price

multiplier: negative for an inverse contract, whose cost is a sum of quotients: exact enough for any
price. Times the multiplier it is the value of a purchase.$$;

CREATE OR REPLACE FUNCTION pms.fees_in_currency(applied pms.order_progress, currency text)
RETURNS pms.order_progress
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    v_held CONSTANT text := coalesce(applied.fee_currency, '');
    v_next CONSTANT text := coalesce(currency, '');
    v_fees jsonb := coalesce(applied.other_fees, '{}');
BEGIN
    IF applied.fee <> 0 OR applied.executed_fee <> 0 THEN
        v_fees := v_fees
            || jsonb_build_object(v_held, jsonb_build_array(applied.fee, applied.executed_fee));
    END IF;

    applied.fee := coalesce((v_fees #>> ARRAY[v_next, '0'])::numeric, 0);
    applied.executed_fee := coalesce((v_fees #>> ARRAY[v_next, '1'])::numeric, 0);
    applied.fee_currency := currency;
    applied.other_fees := nullif(v_fees - v_next, '{}');
    RETURN applied;
END
$$;

COMMENT ON FUNCTION pms.fees_in_currency IS
'What an order has applied, with the fees in another currency as the present ones.';

-- In PL/pgSQL, so that statements that seldom need it have smaller plans.
CREATE OR REPLACE FUNCTION pms.sum_fees(fees jsonb)
RETURNS jsonb
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    RETURN (
        SELECT jsonb_object_agg(f.currency, jsonb_build_array(f.fee, f.executed_fee))
        FROM (
            SELECT
                p ->> 0 AS currency,
                sum((p ->> 1)::numeric) AS fee,
                sum((p ->> 2)::numeric) AS executed_fee
            FROM jsonb_array_elements(sum_fees.fees) p
            GROUP BY 1
        ) f
    );
END
$$;

COMMENT ON FUNCTION pms.sum_fees IS
$$Fees by currency, as other_fees of pms.order_progress has them

fees: arrays of a currency, a fee and a fee of executions.$$;

CREATE OR REPLACE FUNCTION pms.price_of_step(
    applied pms.order_progress,
    average numeric,
    average_scale integer,
    total numeric,
    cost numeric,
    average_cost numeric,
    multiplier numeric
)
RETURNS pms.order_progress
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    -- An average that is a whole number, such as 100, is hardly rounded to one: it is written short.
    v_unit CONSTANT numeric := CASE
        WHEN average_scale > 0 THEN power(10::numeric, -least(average_scale, 18))
        ELSE least(1, abs(average) / 100)
    END;
    v_rounding CONSTANT numeric := CASE
        WHEN multiplier < 0
            THEN pms.div_round((total + applied.quantity) * v_unit, average * average, 60)
        ELSE (total + applied.quantity) * v_unit
    END;
BEGIN
    IF abs(cost - average_cost) <= v_rounding THEN
        applied.step_price := average;
        applied.step_amount := round(cost * multiplier, 18);
    ELSIF abs(applied.step_price) >= 1e20 OR applied.step_price <= 0 THEN
        applied.flaw := 'average_price: implies an impossible price for the new part: '
            || applied.step_price;
        applied.step_price := average;
    END IF;

    RETURN applied;
END
$$;

COMMENT ON FUNCTION pms.price_of_step IS
$$The step to a total of an order whose price is far from the average

Where the rounding of the averages explains that, the step costs what the total costs more, at the
price of the average. Otherwise a possible price is kept, and an impossible one is replaced by the
average: a flaw. total: the quantity of the order. cost: of the step, by the totals; average_cost: at
the average. multiplier: see pms.order_cost.$$;
