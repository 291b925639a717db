-- Only adds.
BEGIN;

CREATE TABLE pms.price_conversions (
    asset text NOT NULL,
    effective_at timestamptz NOT NULL,
    multiply_by numeric NOT NULL,
    divide_by numeric NOT NULL,
    cause text NOT NULL,
    known_from timestamptz NOT NULL,
    known_to timestamptz NOT NULL DEFAULT 'infinity',

    CONSTRAINT price_conversions_pkey PRIMARY KEY (asset, cause, known_from),
    CONSTRAINT price_conversions_are_positive CHECK (multiply_by > 0 AND divide_by > 0)
);

COMMIT;
