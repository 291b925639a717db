BEGIN;

ALTER TABLE pms.entries DROP CONSTRAINT entries_kind_is_whole;

ALTER TABLE pms.entries
ADD CONSTRAINT entries_kind_is_whole CHECK (
    CASE
        WHEN kind IN ('t', 'x')
            THEN quantity <> 0 AND realized IS NULL
                AND (price IS NOT NULL OR amount IS NOT NULL)
        WHEN kind = 'o'
            THEN fee = 0 AND (price IS NOT NULL OR amount IS NOT NULL)
                AND (quantity <> 0 OR (realized IS NOT NULL AND amount = 0))
        WHEN kind IN ('a', 'f')
            THEN amount IS NOT NULL AND realized IS NULL
                AND (kind = 'f' OR (fee = 0 AND (quantity <> 0 OR amount = 0)))
        ELSE FALSE
    END
);

DROP TABLE pms.corporate_action_busts;

DROP TABLE pms.corporate_actions;

ALTER TABLE pms.instruments
DROP COLUMN first_multiplier,
DROP COLUMN defined_at;

COMMIT;
