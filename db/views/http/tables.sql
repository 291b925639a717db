COMMENT ON TABLE pms.audit IS $$Every command that was answered: who, what, and what became of it

Written in the transaction of the command: there is no change without its row, and no row of what
was rolled back.$$;
COMMENT ON COLUMN pms.audit.key_id IS 'The key by which it came over HTTP; null: by SQL.';
COMMENT ON COLUMN pms.audit.role IS 'The role that asked.';
COMMENT ON COLUMN pms.audit.account IS 'The account it was about; null: of none, or of several.';

COMMENT ON TABLE pms.idempotency_keys IS
$$What was answered to the commands that came with an Idempotency-Key

Kept for a day. A row is written when the command begins and seen by others when it has ended: who
comes second with the same key waits for the first.$$;
COMMENT ON COLUMN pms.idempotency_keys.key_id IS 'The API key: what others call alike is another.';
COMMENT ON COLUMN pms.idempotency_keys.digest IS 'sha256 of the arguments.';
COMMENT ON COLUMN pms.idempotency_keys.status IS 'Of the answer over HTTP.';
