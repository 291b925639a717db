COMMENT ON TABLE pms.verifications IS $$What folding the whole ledger again has found, run by run

A position is the fold of its entries: here is the proof that every stored row is, or where not.$$;
COMMENT ON COLUMN pms.verifications.finished_at IS 'Null: it runs, or was broken off.';
COMMENT ON COLUMN pms.verifications.findings IS 'The first 100 discrepancies.';

COMMENT ON TABLE pms.validation_statistics IS
'What validations found since the first deploy: one row.';
COMMENT ON COLUMN pms.validation_statistics.total_errors IS
'Validations that could not be made: the ledger of the position cannot be folded.';

COMMENT ON TABLE pms.discrepancies IS $$What was found not to be what it should be

The same disagreement is one row, however often it is seen, and closes itself when it goes away.$$;
COMMENT ON COLUMN pms.discrepancies.id IS
'Made of account, asset, mode, leg, kind and field: the same for ever.';
COMMENT ON COLUMN pms.discrepancies.kind IS $$What disagrees with what

size, average_price: the venue with us; adoption: the venue knows a position of which we have no
entry; stored_row, checkpoint: what is kept with its ledger; rule: a leg with what every leg keeps.$$;
COMMENT ON COLUMN pms.discrepancies.ours IS 'As the contract writes amounts and times.';
COMMENT ON COLUMN pms.discrepancies.theirs IS
'What the venue says, or what the ledger or the rule asks for.';
COMMENT ON COLUMN pms.discrepancies.threshold IS
'A difference strictly above it is one: a quantity, or a ratio of prices; null: any is.';
COMMENT ON COLUMN pms.discrepancies.target_size IS
'With target_cost: what the leg is stated to be when it is fixed or accepted; null: nothing is.';
COMMENT ON COLUMN pms.discrepancies.is_fixable IS
'The rules allow to put it right without a person.';
COMMENT ON COLUMN pms.discrepancies.status IS $$What has become of it

open; fixed by the rules; accepted by a person, who had the proposal applied; dismissed by a person,
until its values change; gone by itself.$$;
COMMENT ON COLUMN pms.discrepancies.evidence IS 'The report of the venue that says so.';
COMMENT ON COLUMN pms.discrepancies.opened_at IS 'When it was last opened.';
COMMENT ON COLUMN pms.discrepancies.announced_at IS
'When a person was asked to decide; null: not since it was last opened.';

COMMENT ON TABLE pms.validations IS 'Every validation, of one position or of all, and its counts.';
COMMENT ON COLUMN pms.validations.scope IS 'account/asset/mode of the position; null: all.';
COMMENT ON COLUMN pms.validations.discrepancies IS 'How many were found, fixed ones as well.';
COMMENT ON COLUMN pms.validations.errors IS 'Positions whose ledger cannot be folded.';
COMMENT ON COLUMN pms.validations.finished_at IS 'Null: it goes on, or was broken off.';
