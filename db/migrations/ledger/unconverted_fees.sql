BEGIN;

CREATE TABLE pms.unconverted_fees (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    fees bigint NOT NULL,

    CONSTRAINT unconverted_fees_pkey PRIMARY KEY (account, asset, mode, leg),
    CONSTRAINT unconverted_fees_not_negative CHECK (fees >= 0)
);

COMMIT;
