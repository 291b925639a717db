BEGIN;

-- Counted here because health and metrics must not cost more as the history grows.
CREATE TABLE pms.validation_statistics (
    only_row boolean NOT NULL DEFAULT TRUE,
    total_validations bigint NOT NULL DEFAULT 0,
    total_discrepancies bigint NOT NULL DEFAULT 0,
    total_fixes bigint NOT NULL DEFAULT 0,
    total_errors bigint NOT NULL DEFAULT 0,

    CONSTRAINT validation_statistics_pkey PRIMARY KEY (only_row),
    CONSTRAINT validation_statistics_has_one_row CHECK (only_row)
);

INSERT INTO pms.validation_statistics DEFAULT VALUES;

COMMIT;
