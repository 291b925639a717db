-- Only adds.
BEGIN;

CREATE TABLE pms.reviews (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    code text NOT NULL,
    source text NOT NULL,
    detail text,
    raised_at timestamptz NOT NULL,

    CONSTRAINT reviews_pkey PRIMARY KEY (account, asset, mode, leg, code, source)
);

INSERT INTO pms.reviews (account, asset, mode, leg, code, source, detail, raised_at)
SELECT d.account, d.asset, d.mode, d.leg, d.kind, d.id, d.field, d.opened_at
FROM pms.discrepancies d
WHERE d.status = 'open';

COMMIT;
