-- Deploy position_manager:migrations/transfers to pg
-- requires: migrations/schemas

BEGIN;

CREATE TABLE pms.transfers (
    account text NOT NULL,
    transfer_id text NOT NULL,
    to_account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    quantity numeric NOT NULL,
    price numeric,
    recorded_at timestamptz NOT NULL,
    trace_id text,

    CONSTRAINT transfers_pkey PRIMARY KEY (account, transfer_id)
);

COMMENT ON TABLE pms.transfers IS $$Transfers between accounts, as they were asked for

What they did is in the ledger, an entry on each side. Which side gave is only here: a short that is
given away moves as a long that is received.$$;
COMMENT ON COLUMN pms.transfers.account IS 'The account that gave.';
COMMENT ON COLUMN pms.transfers.quantity IS 'Not signed.';
COMMENT ON COLUMN pms.transfers.price IS 'Null: at cost.';

COMMIT;
