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

COMMIT;
