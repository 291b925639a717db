-- Only adds.
BEGIN;

ALTER TABLE pms.rejected_messages
ADD COLUMN account text,
ADD COLUMN asset text,
ADD COLUMN mode text,
ADD COLUMN leg text,
ADD COLUMN review_code text,
ADD CONSTRAINT rejected_messages_name_is_whole CHECK (
    (account IS NULL) = (asset IS NULL)
    AND (account IS NULL) = (review_code IS NULL)
    AND (mode IS NULL) = (leg IS NULL)
    AND (account IS NOT NULL OR mode IS NULL)
);

-- What a position has of them, the oldest first.
CREATE INDEX rejected_messages_name_idx
ON pms.rejected_messages (account, asset, review_code, id)
WHERE account IS NOT NULL;

COMMIT;
