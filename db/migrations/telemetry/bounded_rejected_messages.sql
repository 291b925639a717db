BEGIN;

ALTER TABLE pms.settings
ADD COLUMN rejected_retention interval NOT NULL DEFAULT '90 days',
ADD COLUMN rejected_max_bytes bigint NOT NULL DEFAULT 268435456,
ADD COLUMN audit_retention interval NOT NULL DEFAULT '400 days',
ADD COLUMN audit_max_bytes bigint NOT NULL DEFAULT 21474836480,
ADD CONSTRAINT settings_rejected_retention_positive CHECK (rejected_retention > '0 seconds'),
ADD CONSTRAINT settings_rejected_max_bytes_positive CHECK (rejected_max_bytes > 0),
ADD CONSTRAINT settings_audit_retention_positive CHECK (audit_retention > '0 seconds'),
ADD CONSTRAINT settings_audit_max_bytes_positive CHECK (audit_max_bytes > 0);

-- Those of the whole message, of which the body may be the beginning.
ALTER TABLE pms.rejected_messages ALTER COLUMN digest DROP EXPRESSION;

ALTER TABLE pms.rejected_messages ADD COLUMN bytes integer;

UPDATE pms.rejected_messages
SET bytes = length(body);

-- Nothing reads more of a message that is not valid JSON.
UPDATE pms.rejected_messages
SET body = substr(body, 1, 4096)
WHERE reason IN (
        'too_large', 'invalid_encoding', 'invalid_json', 'not_an_object',
        'duplicate_key', 'too_deep', 'number_out_of_range', 'invalid_character'
    )
    AND length(body) > 4096;

ALTER TABLE pms.rejected_messages
ALTER COLUMN digest SET NOT NULL,
ALTER COLUMN bytes SET NOT NULL,
ADD CONSTRAINT rejected_messages_body_is_the_beginning CHECK (length(body) <= bytes);

COMMIT;
