COMMENT ON TABLE pms.audit IS $$Every command with its caller and outcome

Written in the transaction of the command: no change is without its row, and a command that was
rolled back has none.$$;
COMMENT ON COLUMN pms.audit.key_id IS 'The key of an HTTP request; null: by SQL.';
COMMENT ON COLUMN pms.audit.role IS 'The role of the caller.';
COMMENT ON COLUMN pms.audit.account IS 'The account concerned; null: none, or several.';

COMMENT ON TABLE pms.idempotency_keys IS
$$Answers to commands that carried an Idempotency-Key

Kept for a day. The row is written when the command begins and becomes visible when it ends: a second
request with the same key waits for the first.$$;
COMMENT ON COLUMN pms.idempotency_keys.key_id IS
'The API key: under another one the same Idempotency-Key is a different key.';
COMMENT ON COLUMN pms.idempotency_keys.digest IS 'sha256 of the arguments.';
COMMENT ON COLUMN pms.idempotency_keys.status IS 'HTTP status of the answer.';

-- For the views of api that run with the rights of their readers (ADR 0013).
GRANT SELECT ON pms.audit TO pms_operator, pms_http_operator;
