COMMENT ON TABLE pms.books IS $$The books of each account

Added to when a fill names one. The first one of an account has that of the fills without one beside
it. The legs of a book are those of pms.book_account.$$;

COMMENT ON TABLE pms.book_moves IS $$Fills that were moved from one book to another

Append-only; the newest of an identity counts.$$;
COMMENT ON COLUMN pms.book_moves.identity IS 'That of the fill as first recorded.';
COMMENT ON COLUMN pms.book_moves.move_id IS 'Identifies the move when it is asked for again.';

COMMENT ON TABLE pms.voids IS $$Entries that no longer count

Append-only, as the ledger is: an entry counts from its recorded_at until that of its void.$$;
COMMENT ON COLUMN pms.voids.cause IS
$$bust: the trade is annulled; correction: another entry replaces it

recount: another entry replaces it since its instrument is counted otherwise.$$;
COMMENT ON COLUMN pms.voids.amendment IS 'The identity of the bust or correction.';
COMMENT ON COLUMN pms.voids.recorded_at IS 'When the void was recorded.';

COMMENT ON TABLE pms.legs IS $$The legs that have numbers: account, asset, mode and leg

Only added to. A leg is numbered when it is first locked, and keeps its number.$$;

COMMENT ON TABLE pms.entries IS $$The ledger: every entry that ever changed a position

Append-only: a correction is another entry. A position is the fold of its entries. One letter stands
for each word, and a number for the leg: pms.ledger_entries shows them in words (ADR 0011).$$;
COMMENT ON COLUMN pms.entries.identity IS
$$Identifies the entry when it is sent again; unique within the account, forever

Without the prefix that scheme stands for.$$;
COMMENT ON COLUMN pms.entries.identity_key IS
'pms.identity_key of account and identity: finds the entry; what it finds is compared.';
COMMENT ON COLUMN pms.entries.occurrence IS
$$Numbers the entries of one identity_key: fills that share an id, or identities that collide

Unique in a partition: another one may have the same number.$$;
COMMENT ON COLUMN pms.entries.order_key IS
'pms.order_key of account and order_id: finds the entries of an order; what it finds is compared.';
COMMENT ON COLUMN pms.entries.scheme IS
'The letter of the prefix of the identity: pms.identity_scheme.';
COMMENT ON COLUMN pms.entries.kind IS 'The letter of the kind: pms.kind_letter.';
COMMENT ON COLUMN pms.entries.source IS 'The letter of the source: pms.source_letter.';
COMMENT ON COLUMN pms.entries.quantity IS $$Signed: + buys, - sells; of an absolute entry the size

An absolute entry (opening, adjustment) sets the leg at executed_at, whatever came before. A late
entry dated before it changes the realized PnL and not the size after it.$$;
COMMENT ON COLUMN pms.entries.price IS
$$Quote currency; null for funding, and for a transfer at cost

Of a split, rename or contract change: as many units as amount of before become.$$;
COMMENT ON COLUMN pms.entries.fee IS
'Settlement currency, as counted; a rebate is negative.';
COMMENT ON COLUMN pms.entries.fee_currency IS
'Currency in which the fee was charged; null: the settlement currency.';
COMMENT ON COLUMN pms.entries.fee_native IS
'The fee as charged, if not in the settlement currency.';
COMMENT ON COLUMN pms.entries.fee_rate IS
$$Settlement currency per unit of the fee's currency

The newest at executed_at; before the first one the price of a fill whose fee is in what it traded,
else the first rate after executed_at. Null beside a fee_native: no rate was known, so the fee is not counted yet and the position reports
it as unconverted. 0: the fee was taken from the quantity (spot).$$;
COMMENT ON COLUMN pms.entries.amount IS $$The value of an entry whose value is not quantity at price

Funding: the cash received (+) or paid (-). Adjustment, and an opening without a price: the signed
cost of the size. Transfer at cost, and a spot fill whose fee was taken from the quantity: the
signed value. Else null.$$;
COMMENT ON COLUMN pms.entries.realized IS
$$An opening: realized PnL carried over

A contract change: the multiplier from then on. A rename: the rate at which the cost moves; where it
is received, since when it was held, in seconds since 1970. Else null.$$;
COMMENT ON COLUMN pms.entries.version IS 'Version of the leg after this entry.';
COMMENT ON COLUMN pms.entries.amends IS 'A correction: the identity of the entry that it replaces.';
COMMENT ON COLUMN pms.entries.cause IS
'Cause of an absolute entry: venue_average, venue_size, adoption or import; else null.';
COMMENT ON COLUMN pms.entries.counter_account IS 'A transfer: the other account.';
COMMENT ON COLUMN pms.entries.closing_price IS
$$An adjustment that reduces a leg: the price at which it closes; null: nothing is realized$$;
COMMENT ON COLUMN pms.entries.closing_source IS
$$The source of closing_price

venue: the mark price of the report; price: the newest price of its time; decision: a person.$$;
COMMENT ON COLUMN pms.entries.book IS
$$The book that a fill or a funding named; null: pms.unassigned_book()

As it was reported: a fill may have been moved since, see pms.book_moves.$$;
COMMENT ON COLUMN pms.entries.executed_at IS 'Event time at the venue.';
COMMENT ON COLUMN pms.entries.recorded_at IS 'When the service recorded it.';

COMMENT ON TABLE pms.ledger_partitions IS $$The partitions of the ledger and what they hold

By executed_at, from since until before until. Each has the unique indexes of id and identity: no
index spans them.$$;

COMMENT ON TABLE pms.ledger_archives IS $$Periods of the ledger that are archived, or about to be

No entry is accepted before the newest until. The steps: closed_at; prepared_at, what the service
needs of it is kept; archived_at, the ledger begins after it, and its manifest is at location;
dropped_at, its rows are gone.$$;
COMMENT ON COLUMN pms.ledger_archives.entries IS 'How many entries it has, voided ones too.';
COMMENT ON COLUMN pms.ledger_archives.voids IS 'How many of them are voided.';
COMMENT ON COLUMN pms.ledger_archives.legs IS 'How many legs have entries in it.';
COMMENT ON COLUMN pms.ledger_archives.digest IS
'Depends on each digit of its entries and voids: see pms.count_partition.';
COMMENT ON COLUMN pms.ledger_archives.archived_by IS
'The transaction from which on the ledger begins after it: see pms.await_readers.';

COMMENT ON TABLE pms.archived_keys IS $$The keys of archived entries that must not count again

Of a kind: i identities, by pms.identity_key; t orders with totals, o other orders, by
pms.order_hash. See pms.is_archived.$$;
COMMENT ON COLUMN pms.archived_keys.keys IS 'Up to 200 keys in their order, from first_key on.';

COMMENT ON TABLE pms.checkpoints IS $$The stored fold of a leg up to one of its entries

Reads fold a leg from its nearest checkpoint (ADR 0001). When an entry before it arrives, is voided
or corrected, a checkpoint is superseded, not changed: the old one holds what was known until then.$$;
COMMENT ON COLUMN pms.checkpoints.executed_at IS
'With entry_id: the place of the last entry folded in.';
COMMENT ON COLUMN pms.checkpoints.known_from IS 'Known from this time on.';
COMMENT ON COLUMN pms.checkpoints.known_to IS 'Known until this time; infinity: current.';
COMMENT ON COLUMN pms.checkpoints.ordinal IS 'Number of entries folded in.';
COMMENT ON COLUMN pms.checkpoints.version IS
'Highest version among the entries folded in.';
COMMENT ON COLUMN pms.checkpoints.recorded_at IS
'Latest recorded_at among the entries folded in.';

COMMENT ON TABLE pms.restatements IS $$Changes of the past of a leg

Written when an entry arrives that is older than one already folded in, when a folded entry is
voided, or when reconciliation rebuilds a wrong row.$$;
COMMENT ON COLUMN pms.restatements.earliest_at IS
'Event time of the oldest entry added or voided: the leg changed from then on.';
COMMENT ON COLUMN pms.restatements.realized_pnl_before IS
'realized_pnl (realized net + funding) before.';
COMMENT ON COLUMN pms.restatements.realized_pnl_after IS
'The same after, at the same entry: later entries of the batch are not included.';

COMMENT ON TABLE pms.restated_pnl IS $$What each restatement changed in quarter hours of the past

In those that were over when it was recorded, by event time, up to the newest entry known before. The
sum over a restatement is its change of realized PnL.$$;
COMMENT ON COLUMN pms.restated_pnl.recorded_at IS 'That of the restatement.';

COMMENT ON TABLE pms.amendments IS $$Busts and corrections as received

Their effect is in the ledger: voids, and entries that name the entry they amend. An amendment that
arrives before its fill waits for it.$$;
COMMENT ON COLUMN pms.amendments.amends IS 'The identity of the amended entry.';
COMMENT ON COLUMN pms.amendments.amended_at IS
'Time of the decision at the venue: the newest correction of an entry counts.';
COMMENT ON COLUMN pms.amendments.applied_at IS 'Null: waiting for its entry.';

COMMENT ON TABLE pms.subsumed_executions IS
$$Executions that a total of their order had counted before

Counted whole: the ledger has no entry for them. Counted in part: their entry holds the rest, at the
price that gives the order its cost. Stored as reported, so that a repeat is recognized and the
executions of an order can be summed.$$;
COMMENT ON COLUMN pms.subsumed_executions.counted_quantity IS
'Unsigned quantity that has an entry of its own; 0: none.';

COMMENT ON TABLE pms.instruments IS $$Valuation of a contract

An asset without a definition is assumed linear with multiplier 1, settled in USDT.$$;
COMMENT ON COLUMN pms.instruments.kind IS
'linear and spot: value = quantity * price * multiplier; inverse: -quantity * multiplier / price.';
COMMENT ON COLUMN pms.instruments.settlement_currency IS 'The currency of cost, PnL and fees.';
COMMENT ON COLUMN pms.instruments.base_currency IS
'Traded currency, from the symbol: BTC of BTCUSDT; null if the symbol does not end in the quote.';
COMMENT ON COLUMN pms.instruments.is_assumed IS
'True until the contract is defined.';

COMMENT ON COLUMN pms.instruments.first_multiplier IS
'The multiplier before all changes of the contract; null: it never changed, or no change counts.';
COMMENT ON COLUMN pms.instruments.defined_at IS
$$When it was defined last; null: before corporate actions were recorded, or never

A rename that was recorded before leaves its name to the instrument.$$;
COMMENT ON COLUMN pms.instruments.expires_at IS
'From then on a fill may settle it at 0, and an open position is flagged; null: never.';
COMMENT ON COLUMN pms.instruments.tick_size IS
'Prices of fills are multiples of it, or their position is flagged; null: any.';
COMMENT ON COLUMN pms.instruments.quantity_step IS
'Quantities of fills are multiples of it, or their position is flagged; null: any.';

COMMENT ON TABLE pms.instrument_aliases IS
'Names of instruments that stand for another one; read by pms.asset_of.';

COMMENT ON TABLE pms.former_instruments IS $$How instruments were counted before they were recounted

A state known before known_to was counted like this: read by pms.instrument_at.$$;
COMMENT ON COLUMN pms.former_instruments.multiplier IS
'The one before all changes of the contract, which are entries.';
COMMENT ON COLUMN pms.former_instruments.known_to IS
'When the recount became known; the next older row ends where this one begins.';

COMMENT ON TABLE pms.conflicts IS $$Messages that contradict the entry recorded under their identity

Holds both versions; only the recorded one counts, unless a person corrects it.$$;

COMMENT ON TABLE pms.suspected_repeats IS $$Fills that may be repeats of others

They count only when a person decides it. One that was settled stays, so that it is known when it comes
again, until rejected_retention or rejected_max_bytes is over.$$;
COMMENT ON COLUMN pms.suspected_repeats.identity IS
'The identity of the entry that it becomes when it is counted.';
COMMENT ON COLUMN pms.suspected_repeats.source IS 'The source of the entry that it becomes.';

COMMENT ON TABLE pms.execution_orders IS
'The order of an execution that was recorded without one, and came again with it.';

COMMENT ON TYPE pms.leg_state IS $$The state that the fold carries from entry to entry

multiplier and is_inverse are those of the instrument and never change.$$;

COMMENT ON TABLE pms.unconverted_fees IS
$$Number of fees of a leg that are not counted because no rate is known

Maintained, not counted on each read: every fill may have one. No row: none.$$;

COMMENT ON TABLE pms.positions IS $$The legs of every position: the stored fold of their entries

One row per (account, asset, mode, leg). If a row differs from the fold of its entries, the row is
wrong.$$;
COMMENT ON COLUMN pms.positions.position_id IS
'Derived from (account, asset, mode), always the same; both legs of a hedge share it.';
COMMENT ON COLUMN pms.positions.size IS 'Signed open quantity: + long, - short, 0 flat.';
COMMENT ON COLUMN pms.positions.cost IS 'Signed entry value of the open quantity.';
COMMENT ON COLUMN pms.positions.realized IS 'Realized PnL: before fees and funding.';
COMMENT ON COLUMN pms.positions.opened_at IS 'Event time at which the present round trip began.';
COMMENT ON COLUMN pms.positions.closed_at IS 'Event time at which the leg last became flat.';
COMMENT ON COLUMN pms.positions.last_executed_at IS
'Event time of the newest entry folded in: an older entry is late.';
COMMENT ON COLUMN pms.positions.current_price IS
'The mark price last applied while the leg was open.';
COMMENT ON COLUMN pms.positions.entered_at IS
'When its entries last changed, which a price does not do; it always rises.';
COMMENT ON COLUMN pms.positions.exposure IS
'|value| of size at current_price, in the settlement currency; 0 without a price.';
COMMENT ON COLUMN pms.positions.version IS
'Rises by one for every entry and void, and for the newest price once per price_event_interval.';
COMMENT ON COLUMN pms.positions.entries IS 'Number of entries folded in, without voided ones.';
COMMENT ON COLUMN pms.positions.checkpointed IS
'Number of entries in the newest checkpoint; 0 before the first.';

COMMENT ON TABLE pms.account_totals IS $$The exposure of each account, kept with its legs

The sum over the writers is the sum over the open legs of an account: see pms.account_exposure.$$;
COMMENT ON COLUMN pms.account_totals.writer IS
'The session (its process id) that adds to this row; 0: sessions that have ended.';
COMMENT ON COLUMN pms.account_totals.currency IS 'Settlement currency, in which exposure is.';

COMMENT ON TABLE pms.estimated_closes IS $$Adjustments that closed what no fill explained

A fill that comes later explains them: pms.explain_closes.$$;
COMMENT ON COLUMN pms.estimated_closes.identity IS 'That of the adjustment as first recorded.';
COMMENT ON COLUMN pms.estimated_closes.reported_at IS
'Event time of the adjustment as first recorded.';
COMMENT ON COLUMN pms.estimated_closes.effective_at IS
'Its event time now: that of the last fill behind it which explains it.';

COMMENT ON TABLE pms.reviews IS $$Why each leg needs review

One row for each reason; deleted when the reason is settled. pms.positions.needs_review repeats
whether there is one.$$;
COMMENT ON COLUMN pms.reviews.code IS 'The kind of reason.';
COMMENT ON COLUMN pms.reviews.source IS
'What raised it: the id of a message, a discrepancy or an entry.';
COMMENT ON COLUMN pms.reviews.detail IS 'The finding in words.';
COMMENT ON COLUMN pms.reviews.raised_at IS 'When it was raised first.';

COMMENT ON TABLE pms.corporate_actions IS $$Corporate actions as reported

Append-only, of all accounts. Each has an entry in every leg of its asset that had an entry before
it; a change of a contract in every leg.$$;
COMMENT ON COLUMN pms.corporate_actions.effective_at IS 'Event time of its entries.';
COMMENT ON COLUMN pms.corporate_actions.units IS 'As many units as for_units of before become.';
COMMENT ON COLUMN pms.corporate_actions.to_asset IS 'A rename: the asset that goes on.';
COMMENT ON COLUMN pms.corporate_actions.multiplier IS 'A contract: its multiplier from then on.';
COMMENT ON COLUMN pms.corporate_actions.rate IS
'A rename: settlement currency of to_asset for one of that of asset.';
COMMENT ON COLUMN pms.corporate_actions.price IS 'A settlement: the price that closes.';
COMMENT ON COLUMN pms.corporate_actions.amount IS
'A distribution: settlement currency for one unit; negative: holders pay.';

COMMENT ON TABLE pms.corporate_action_busts IS $$Corporate actions that no longer count

Append-only. Its row may come before that of the action.$$;

-- For the views of api that run with the rights of their readers (ADR 0013).
GRANT SELECT ON pms.entries TO pms_reader, pms_trader, pms_operator, pms_analyst;
GRANT SELECT ON pms.legs TO pms_reader, pms_trader, pms_operator, pms_analyst;
GRANT SELECT ON pms.voids TO pms_reader, pms_trader, pms_operator, pms_analyst;
GRANT SELECT ON pms.restatements TO pms_reader, pms_trader, pms_operator, pms_analyst;
GRANT SELECT ON pms.instruments TO pms_reader, pms_trader, pms_operator, pms_analyst;
GRANT SELECT ON pms.suspected_repeats TO pms_reader, pms_trader, pms_operator, pms_analyst;
GRANT SELECT ON pms.corporate_actions TO pms_reader, pms_trader, pms_operator, pms_analyst;
GRANT SELECT ON pms.corporate_action_busts TO pms_reader, pms_trader, pms_operator, pms_analyst;
GRANT SELECT ON pms.conflicts TO pms_reader, pms_trader, pms_operator, pms_analyst;
