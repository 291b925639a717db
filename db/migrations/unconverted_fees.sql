-- Deploy position_manager:migrations/unconverted_fees to pg
-- requires: migrations/entries

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

COMMENT ON TABLE pms.unconverted_fees IS
$$How many fees of a leg are in no amount, for want of a rate

Kept, not counted when asked: there may be as many as there are fills. No row is none.$$;

COMMIT;
