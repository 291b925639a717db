COMMENT ON TABLE pms.verifications IS
$$Verifications of the whole ledger on request, with their findings

The scheduled ones are in pms.verification_progress.$$;
COMMENT ON COLUMN pms.verifications.finished_at IS 'Null: running, or interrupted.';
COMMENT ON COLUMN pms.verifications.findings IS 'The first 100 findings.';

COMMENT ON TABLE pms.verified_legs IS
'The state in which each leg was verified. A leg in another one has changed since.';
COMMENT ON COLUMN pms.verified_legs.entered_at IS
'pms.positions.entered_at at that time; checkpoints known from then on are new.';
COMMENT ON COLUMN pms.verified_legs.checkpointed IS
'pms.positions.checkpointed at that time; checkpoints after this entry are new.';

COMMENT ON TABLE pms.ledger_findings IS $$Positions that differ from their ledger

Also accounts whose kept totals differ from their legs. A position stays until it is folded from its
first entry without a difference.$$;
COMMENT ON COLUMN pms.ledger_findings.asset IS
'Empty, as mode: the kept totals of the account.';
COMMENT ON COLUMN pms.ledger_findings.findings IS
'A JSON array of the differences, as api.verify_ledger returns them.';
COMMENT ON COLUMN pms.ledger_findings.verified_at IS 'When they were last found.';

COMMENT ON TABLE pms.verification_progress IS
'How far the scheduled verification has come, one row.';
COMMENT ON COLUMN pms.verification_progress.verified_at IS
'Every change committed before this time has been verified; null: none yet.';
COMMENT ON COLUMN pms.verification_progress.covered_since IS $$Start of the last finished pass

Every part of the ledger has been folded since; before the first pass, the time of deployment.$$;
COMMENT ON COLUMN pms.verification_progress.pass_started_at IS 'Null: the next run begins a pass.';
COMMENT ON COLUMN pms.verification_progress.pass_entries IS
'How many entries the running pass has folded; a position without an entry counts as one.';
COMMENT ON COLUMN pms.verification_progress.account IS
'With asset and mode: the last position of the running pass.';
COMMENT ON COLUMN pms.verification_progress.since IS
'The event time that the pass has reached in that position; null: its end.';

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

-- For the views of api that run with the rights of their readers (ADR 0013).
GRANT SELECT ON pms.discrepancies TO pms_reader, pms_trader, pms_operator, pms_analyst;
