BEGIN;

CREATE TABLE pms.checkpoints (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    executed_at timestamptz NOT NULL,
    entry_id bigint NOT NULL,
    known_from timestamptz NOT NULL,
    known_to timestamptz NOT NULL DEFAULT 'infinity',
    ordinal bigint NOT NULL,
    version bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    state pms.leg_state NOT NULL,

    CONSTRAINT checkpoints_pkey
    PRIMARY KEY (account, asset, mode, leg, executed_at, entry_id, known_from),
    CONSTRAINT checkpoints_ordinal_positive CHECK (ordinal > 0),
    CONSTRAINT checkpoints_known_in_order CHECK (known_from <= known_to)
);

-- Nearly every question is about what is known now.
CREATE INDEX checkpoints_known_now_idx
ON pms.checkpoints (account, asset, mode, leg, executed_at, entry_id)
WHERE known_to = 'infinity';

COMMIT;
