-- Only adds.
BEGIN;

CREATE TABLE pms.webhooks (
    endpoint text NOT NULL,
    number bigint NOT NULL,

    CONSTRAINT webhooks_pkey PRIMARY KEY (endpoint)
);

COMMIT;
