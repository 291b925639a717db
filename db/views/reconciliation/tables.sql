COMMENT ON TABLE pms.verifications IS
'Runs of the verification of the ledger, with their findings.';
COMMENT ON COLUMN pms.verifications.finished_at IS 'Null: running, or interrupted.';
COMMENT ON COLUMN pms.verifications.findings IS 'The first 100 findings.';

COMMENT ON TABLE pms.validation_statistics IS
'Totals of all validations since the first deploy, one row.';
COMMENT ON COLUMN pms.validation_statistics.total_errors IS
'Positions whose ledger could not be folded.';

COMMENT ON TABLE pms.discrepancies IS $$Differences found by reconciliation

A difference keeps one row however often it is seen, and is resolved when it is no longer found.$$;
COMMENT ON COLUMN pms.discrepancies.id IS
'Derived from account, asset, mode, leg, kind and field, always the same.';
COMMENT ON COLUMN pms.discrepancies.kind IS $$The source that differs

size, average_price: the venue reports another value; adoption: the venue reports a position without
an entry of ours; stored_row, checkpoint: differs from its ledger; rule: a leg breaks an identity.$$;
COMMENT ON COLUMN pms.discrepancies.ours IS 'An amount or a time, as the contract writes it.';
COMMENT ON COLUMN pms.discrepancies.theirs IS
'The value of the venue, or the one that the ledger or the rule requires.';
COMMENT ON COLUMN pms.discrepancies.threshold IS
'Differences strictly above it count: a quantity, or a ratio of prices; null: all count.';
COMMENT ON COLUMN pms.discrepancies.target_size IS
'With target_cost: the state of the leg once fixed or accepted; null: no entry is posted.';
COMMENT ON COLUMN pms.discrepancies.is_fixable IS
'The rules allow a fix without a person.';
COMMENT ON COLUMN pms.discrepancies.status IS $$open, fixed, accepted, dismissed or resolved

fixed by the rules; accepted: a person had the proposal applied; dismissed by a person, until its
values change; resolved: no longer found.$$;
COMMENT ON COLUMN pms.discrepancies.evidence IS 'The report of the venue.';
COMMENT ON COLUMN pms.discrepancies.opened_at IS 'When it was last opened.';
COMMENT ON COLUMN pms.discrepancies.announced_at IS
'When it was published for a person to decide; null: not since it was last opened.';

COMMENT ON TABLE pms.validations IS
'Runs of validation, of one position or of all, with their counts.';
COMMENT ON COLUMN pms.validations.scope IS 'account/asset/mode of the position; null: all.';
COMMENT ON COLUMN pms.validations.discrepancies IS 'Number found, including fixed ones.';
COMMENT ON COLUMN pms.validations.errors IS 'Positions whose ledger could not be folded.';
COMMENT ON COLUMN pms.validations.finished_at IS 'Null: running, or interrupted.';
