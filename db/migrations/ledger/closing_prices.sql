-- Only adds.
BEGIN;

-- Waits for no other session longer than this: the writers would wait behind it.
SET LOCAL lock_timeout = '10s';

-- With a constraint from the beginning, the domain would make the column rewrite the ledger.
CREATE DOMAIN pms.closing_price AS numeric;

ALTER TABLE pms.entries
ADD COLUMN closing_price pms.closing_price,
ADD COLUMN closing_source text;

ALTER DOMAIN pms.closing_price
ADD CONSTRAINT closing_price_in_range
CHECK (abs(value) < 1e20 AND scale(value) <= 18) NOT VALID;

CREATE TABLE pms.estimated_closes (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    identity text NOT NULL,
    reported_at timestamptz NOT NULL,
    effective_at timestamptz NOT NULL,

    CONSTRAINT estimated_closes_pkey PRIMARY KEY (account, asset, mode, leg, identity)
);

-- Every batch of fills asks whether there is one of its time.
CREATE INDEX estimated_closes_time_idx ON pms.estimated_closes (reported_at);

COMMIT;
