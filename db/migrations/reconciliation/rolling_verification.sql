-- Only adds.
BEGIN;

ALTER TABLE pms.settings
ADD COLUMN verification_period interval NOT NULL DEFAULT '1 day',
ADD CONSTRAINT settings_verification_period_positive CHECK (verification_period > '0 seconds');

-- A default that is constant: no row is written.
ALTER TABLE pms.positions ADD COLUMN entered_at timestamptz NOT NULL DEFAULT now();

CREATE TABLE pms.verified_legs (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    entered_at timestamptz NOT NULL,
    checkpointed bigint NOT NULL,

    CONSTRAINT verified_legs_pkey PRIMARY KEY (account, asset, mode, leg)
);

-- Up to now every verification has read the whole ledger.
INSERT INTO pms.verified_legs (account, asset, mode, leg, entered_at, checkpointed)
SELECT p.account, p.asset, p.mode, p.leg, p.entered_at, p.checkpointed
FROM pms.positions p;

CREATE TABLE pms.ledger_findings (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    findings jsonb NOT NULL,
    verified_at timestamptz NOT NULL,

    CONSTRAINT ledger_findings_pkey PRIMARY KEY (account, asset, mode),
    CONSTRAINT ledger_findings_not_empty CHECK (jsonb_array_length(findings) > 0)
);

CREATE TABLE pms.verification_progress (
    only_row boolean NOT NULL DEFAULT TRUE,
    verified_at timestamptz,
    covered_since timestamptz NOT NULL DEFAULT now(),
    pass_started_at timestamptz,
    pass_entries bigint NOT NULL DEFAULT 0,
    account text,
    asset text,
    mode text,
    since timestamptz,

    CONSTRAINT verification_progress_pkey PRIMARY KEY (only_row),
    CONSTRAINT verification_progress_has_one_row CHECK (only_row)
);

INSERT INTO pms.verification_progress DEFAULT VALUES;

COMMIT;
