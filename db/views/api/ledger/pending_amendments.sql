CREATE OR REPLACE VIEW api.pending_amendments WITH (security_barrier = TRUE) AS
SELECT
    a.account,
    a.identity,
    a.amends,
    a.cause,
    a.side,
    a.quantity,
    a.price,
    a.fee,
    a.fee_currency,
    a.executed_at,
    a.amended_at,
    a.named_asset AS asset,
    a.named_leg AS leg,
    a.named_order AS order_id,
    a.source,
    a.recorded_at,
    a.trace_id
FROM pms.amendments a
CROSS JOIN pms.read_only
WHERE a.applied_at IS NULL
    AND pms.in_scope(a.account);

COMMENT ON VIEW api.pending_amendments IS $$Busts and corrections whose fill is not recorded

Each applies when its fill comes; until then the position that it names needs review. A fill that was
lost has to be sent again; drop_amendment takes back what names a fill that does not exist.$$;

COMMENT ON COLUMN api.pending_amendments.account IS 'The account of the fill.';

COMMENT ON COLUMN api.pending_amendments.identity IS
'The identity of the bust or correction: the argument of drop_amendment.';

COMMENT ON COLUMN api.pending_amendments.amends IS 'The identity of the fill that it waits for.';

COMMENT ON COLUMN api.pending_amendments.cause IS 'bust or correction.';

COMMENT ON COLUMN api.pending_amendments.side IS 'buy or sell; null: as the fill has it.';

COMMENT ON COLUMN api.pending_amendments.quantity IS
'Quantity, not negative; null: as the fill has it.';

COMMENT ON COLUMN api.pending_amendments.price IS 'Quote currency; null: as the fill has it.';

COMMENT ON COLUMN api.pending_amendments.fee IS
'The fee as charged, in the settlement currency or fee_currency; null: as the fill has it.';

COMMENT ON COLUMN api.pending_amendments.fee_currency IS
'Currency of the fee; null: the settlement currency, or that of the fill.';

COMMENT ON COLUMN api.pending_amendments.executed_at IS
'Event time at the venue; null: as the fill has it.';

COMMENT ON COLUMN api.pending_amendments.amended_at IS 'When it was decided; the newest counts.';

COMMENT ON COLUMN api.pending_amendments.asset IS 'The asset that it names; null: none.';

COMMENT ON COLUMN api.pending_amendments.leg IS
'net, long or short, as it names the leg; null: not at all.';

COMMENT ON COLUMN api.pending_amendments.order_id IS 'The order that it names; null: none.';

COMMENT ON COLUMN api.pending_amendments.source IS 'How it came.';

COMMENT ON COLUMN api.pending_amendments.recorded_at IS 'When it was recorded.';

COMMENT ON COLUMN api.pending_amendments.trace_id IS 'The trace id of the message.';

GRANT SELECT ON api.pending_amendments TO pms_reader, pms_trader, pms_operator, pms_analyst;
