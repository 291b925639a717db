CREATE OR REPLACE VIEW api.suspected_repeats WITH (security_invoker = TRUE) AS
SELECT
    s.account,
    s.id,
    s.status,
    s.asset,
    s.mode,
    s.leg,
    s.order_id,
    s.quantity,
    s.price,
    s.fee,
    s.fee_currency,
    s.executed_at,
    s.detail,
    s.message,
    s.seen_count AS times_seen,
    s.first_seen_at,
    s.last_seen_at,
    s.trace_id
FROM pms.suspected_repeats s
CROSS JOIN pms.read_only;

COMMENT ON VIEW api.suspected_repeats IS $$Fills that may be repeats of others

They wait, and their positions need review, until settle_suspected_repeat counts or drops them. Kept
like rejected messages.$$;

COMMENT ON COLUMN api.suspected_repeats.account IS 'The account of the fill.';

COMMENT ON COLUMN api.suspected_repeats.id IS 'The argument of settle_suspected_repeat.';

COMMENT ON COLUMN api.suspected_repeats.status IS 'waiting, counted or dropped.';

COMMENT ON COLUMN api.suspected_repeats.asset IS 'The asset of the fill.';

COMMENT ON COLUMN api.suspected_repeats.mode IS 'one-way or hedge.';

COMMENT ON COLUMN api.suspected_repeats.leg IS 'net, long or short.';

COMMENT ON COLUMN api.suspected_repeats.order_id IS 'The order of the fill; null: not named.';

COMMENT ON COLUMN api.suspected_repeats.quantity IS 'Quantity, signed: + buys, - sells.';

COMMENT ON COLUMN api.suspected_repeats.price IS 'Quote currency.';

COMMENT ON COLUMN api.suspected_repeats.fee IS
'The fee as charged, in the settlement currency or fee_currency; a rebate is negative.';

COMMENT ON COLUMN api.suspected_repeats.fee_currency IS
'Currency of the fee; null: the settlement currency.';

COMMENT ON COLUMN api.suspected_repeats.executed_at IS 'Event time at the venue.';

COMMENT ON COLUMN api.suspected_repeats.detail IS 'The identity, and why it may be a repeat.';

COMMENT ON COLUMN api.suspected_repeats.message IS 'The message as received first.';

COMMENT ON COLUMN api.suspected_repeats.times_seen IS 'Count: how often it was received.';

COMMENT ON COLUMN api.suspected_repeats.first_seen_at IS 'When it was first received.';

COMMENT ON COLUMN api.suspected_repeats.last_seen_at IS 'When it was last received.';

COMMENT ON COLUMN api.suspected_repeats.trace_id IS 'The trace id of the first message.';

GRANT SELECT ON api.suspected_repeats TO pms_reader, pms_trader, pms_operator, pms_analyst;
