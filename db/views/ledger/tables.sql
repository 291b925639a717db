COMMENT ON TABLE pms.voids IS $$Entries that count no longer

Append-only, as the ledger itself: an entry counts from its recorded_at until that of its void.$$;
COMMENT ON COLUMN pms.voids.cause IS
'bust: it never should have been; correction: another entry stands for it.';
COMMENT ON COLUMN pms.voids.amendment IS 'The identity of the bust or correction.';
COMMENT ON COLUMN pms.voids.recorded_at IS 'Since when we know better.';

COMMENT ON TABLE pms.entries IS $$The ledger: every entry that ever changed a position

Append-only: a correction is another entry. A position is the fold of its entries.$$;
COMMENT ON COLUMN pms.entries.identity IS
'What makes an entry the same entry when it is sent again; unique in its account for ever.';
COMMENT ON COLUMN pms.entries.quantity IS $$Signed: + buys, - sells; of a statement the size

A statement (opening, adjustment) says what the leg is at executed_at, whatever came before: so an
entry that comes late, dated before it, changes what was earned and not what is held after it.$$;
COMMENT ON COLUMN pms.entries.price IS
'Quote currency; null for funding, and for a transfer at cost.';
COMMENT ON COLUMN pms.entries.fee IS
'In the settlement currency, as it is counted; a rebate is negative.';
COMMENT ON COLUMN pms.entries.fee_currency IS
'The currency the fee was charged in; null: the settlement currency.';
COMMENT ON COLUMN pms.entries.fee_native IS
'The fee as it was charged, when that was in another currency than the settlement currency.';
COMMENT ON COLUMN pms.entries.fee_rate IS $$What one unit of the fee's currency was worth

In the settlement currency, at executed_at. Null beside a fee_native: no rate was known, the fee is
not counted yet, and its position says so. 0: it was paid in the quantity itself (spot).$$;
COMMENT ON COLUMN pms.entries.amount IS $$The value of an entry where it is not quantity at price

Funding: the cash received (+) or paid (-). Adjustment, and an opening without a price: what the
size costs, signed. Transfer at cost, and a spot fill whose fee was taken from the quantity: the
signed value. Else null.$$;
COMMENT ON COLUMN pms.entries.realized IS
'An opening: the gross realised PnL so far, carried over; else null.';
COMMENT ON COLUMN pms.entries.version IS 'The version of the leg right after this entry.';
COMMENT ON COLUMN pms.entries.amends IS 'A correction: the identity of the entry it stands for.';
COMMENT ON COLUMN pms.entries.cause IS
'Why a statement was made: venue_average, venue_size, adoption or import; else null.';
COMMENT ON COLUMN pms.entries.counter_account IS 'A transfer: the account on its other side.';
COMMENT ON COLUMN pms.entries.executed_at IS 'Event time: when it happened at the venue.';
COMMENT ON COLUMN pms.entries.recorded_at IS 'When we learned of it.';

COMMENT ON TABLE pms.checkpoints IS $$The fold of a leg up to one of its entries, kept

So that no question about a leg folds it from the beginning. Replaced, not changed, when an entry
before it arrives, is voided or corrected: the old one still tells what was known until then.$$;
COMMENT ON COLUMN pms.checkpoints.executed_at IS
'With entry_id: the place of the last entry folded in.';
COMMENT ON COLUMN pms.checkpoints.known_from IS 'Since when this is what we know.';
COMMENT ON COLUMN pms.checkpoints.known_to IS 'Until when; infinity: it still is.';
COMMENT ON COLUMN pms.checkpoints.ordinal IS 'How many entries are folded in.';
COMMENT ON COLUMN pms.checkpoints.version IS
'The highest version that one of the entries folded in brought.';
COMMENT ON COLUMN pms.checkpoints.recorded_at IS
'When the last one of the entries folded in was recorded.';

COMMENT ON TABLE pms.restatements IS $$How the past of a leg was told anew

Written when an entry arrives that is older than one already folded in, or when one that was folded
in is voided, or when validation restores a row that was wrong.$$;
COMMENT ON COLUMN pms.restatements.earliest_at IS
'Event time of the oldest entry that came or went: what the leg was since then has changed.';
COMMENT ON COLUMN pms.restatements.realized_pnl_before IS
'Published realised PnL (gross - fees of closing + funding) before.';
COMMENT ON COLUMN pms.restatements.realized_pnl_after IS
'The same at the same entry, after: what came in order in the same batch is not in it.';

COMMENT ON TABLE pms.amendments IS $$Busts and corrections, as they came

What they did is in the ledger: voids, and entries that say what they amend. One that came before
its fill waits for it.$$;
COMMENT ON COLUMN pms.amendments.amends IS 'The identity of the entry it is about.';
COMMENT ON COLUMN pms.amendments.amended_at IS
'When the venue decided it: of several corrections of an entry the newest counts.';
COMMENT ON COLUMN pms.amendments.applied_at IS 'Null: it waits for its entry.';

COMMENT ON TABLE pms.subsumed_executions IS $$Executions that a total of their order had counted before

In whole: the ledger has no entry of theirs; or in part: their entry is what was left, at the price
that makes the cost of the order right. Kept as they were reported, so that sent again they are
known, and the executions of an order can be summed.$$;
COMMENT ON COLUMN pms.subsumed_executions.counted_quantity IS
'How much of it the ledger counts by an entry of its own, unsigned; 0: nothing.';

COMMENT ON TABLE pms.instruments IS $$How a contract is valued

An asset nobody described is assumed linear, multiplier 1, in USDT.$$;
COMMENT ON COLUMN pms.instruments.kind IS
'linear and spot: value = quantity * price * multiplier; inverse: -quantity * multiplier / price.';
COMMENT ON COLUMN pms.instruments.settlement_currency IS 'The currency of cost, PnL and fees.';
COMMENT ON COLUMN pms.instruments.base_currency IS
'What is traded, by the symbol: BTC of BTCUSDT; null when the symbol does not end in the quote.';
COMMENT ON COLUMN pms.instruments.is_assumed IS
'True until somebody has confirmed what the contract is.';

COMMENT ON TABLE pms.conflicts IS $$Messages that contradict what was recorded under their identity

Both versions; only the recorded one is counted. A person decides, by a correction or not at all.$$;

COMMENT ON TYPE pms.leg_state IS $$What the fold of a leg's entries carries from one to the next

multiplier and is_inverse never change: they say how the instrument is valued.$$;

COMMENT ON TABLE pms.unconverted_fees IS
$$How many fees of a leg are in no amount, for want of a rate

Kept, not counted when asked: there may be as many as there are fills. No row is none.$$;

COMMENT ON TABLE pms.positions IS $$The legs of every position: the stored fold of their entries

One row per (account, asset, mode, leg). If a row and the fold of its entries ever
differ, the row is wrong.$$;
COMMENT ON COLUMN pms.positions.position_id IS
'The same for ever for (account, asset, mode): both legs of a hedge share it.';
COMMENT ON COLUMN pms.positions.size IS 'Signed open quantity: + long, - short, 0 flat.';
COMMENT ON COLUMN pms.positions.cost IS 'Signed entry value of the open quantity.';
COMMENT ON COLUMN pms.positions.realized IS 'Gross realised PnL: before fees and funding.';
COMMENT ON COLUMN pms.positions.opened_at IS 'Event time at which the present cycle began.';
COMMENT ON COLUMN pms.positions.closed_at IS 'Event time at which the leg last became flat.';
COMMENT ON COLUMN pms.positions.last_executed_at IS
'Event time of the newest entry folded in: an older entry is late.';
COMMENT ON COLUMN pms.positions.current_price IS
'The mark price last applied while the leg was open.';
COMMENT ON COLUMN pms.positions.version IS
'Rises by one for every entry, void or price applied.';
COMMENT ON COLUMN pms.positions.entries IS 'How many entries are folded in; voided ones are not.';
COMMENT ON COLUMN pms.positions.checkpointed IS
'How many entries the newest checkpoint holds; 0 before the first.';
