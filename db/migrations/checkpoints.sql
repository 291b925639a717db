-- Deploy position_manager:migrations/checkpoints to pg
-- requires: migrations/types

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

COMMENT ON TABLE pms.checkpoints IS $$The fold of a leg up to one of its entries, kept

So that no question about a leg folds it from the beginning. Replaced, not changed, when an entry
before it arrives, is voided or corrected: the old one still tells what was known until then.$$;
COMMENT ON COLUMN pms.checkpoints.executed_at IS
'With entry_id: the place of the last entry folded in.';
COMMENT ON COLUMN pms.checkpoints.known_from IS 'Since when this is what we know.';
COMMENT ON COLUMN pms.checkpoints.known_to IS 'Until when; infinity: it still is.';
COMMENT ON COLUMN pms.checkpoints.ordinal IS 'How many entries are folded in.';
COMMENT ON COLUMN pms.checkpoints.version IS
'The highest version that one of the entries folded in brought.';
COMMENT ON COLUMN pms.checkpoints.recorded_at IS
'When the last one of the entries folded in was recorded.';

COMMIT;
