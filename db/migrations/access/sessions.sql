-- Only adds.
BEGIN;

ALTER TABLE pms.api_keys
ADD COLUMN session text,
ADD CONSTRAINT api_keys_session_is_known CHECK (session IN ('code', 'key')),
ADD CONSTRAINT api_keys_session_reads CHECK (session IS NULL OR role = 'reader'),
ADD CONSTRAINT api_keys_session_ends CHECK (session IS NULL OR expires_at IS NOT NULL);

COMMIT;
