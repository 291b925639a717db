-- One expression, so that it is inlined: a batch makes its entries at no cost.
CREATE OR REPLACE FUNCTION pms.new_entry(
    account text,
    asset text,
    mode text,
    leg text,
    kind text,
    identity text,
    quantity numeric,
    executed_at timestamptz,
    recorded_at timestamptz,
    source text,
    trace_id text,
    order_id text DEFAULT NULL,
    price numeric DEFAULT NULL,
    fee numeric DEFAULT 0,
    fee_currency text DEFAULT NULL,
    fee_native numeric DEFAULT NULL,
    fee_rate numeric DEFAULT NULL,
    amount numeric DEFAULT NULL,
    realized numeric DEFAULT NULL,
    amends text DEFAULT NULL,
    cause text DEFAULT NULL,
    counter_account text DEFAULT NULL,
    closing_price numeric DEFAULT NULL,
    closing_source text DEFAULT NULL
)
RETURNS pms.ledger_entries
LANGUAGE sql
IMMUTABLE
AS $$
SELECT (
    account, NULL, asset, mode, leg, kind, identity, order_id, quantity, price,
    fee, fee_currency, fee_native, fee_rate, amount, realized, NULL, amends, cause,
    counter_account, executed_at, recorded_at, source, trace_id, NULL, NULL, NULL, NULL,
    closing_price, closing_source
)::pms.ledger_entries
$$;

COMMENT ON FUNCTION pms.new_entry IS $$An entry to post, by the names of its columns

What pms.post_entries assigns is null: id, version, leg_id and the keys.$$;
