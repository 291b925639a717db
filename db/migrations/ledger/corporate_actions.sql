-- Only adds.
BEGIN;

CREATE TABLE pms.corporate_actions (
    action_id text NOT NULL,
    action text NOT NULL, -- noqa: RF04
    asset text NOT NULL,
    effective_at timestamptz NOT NULL,
    units numeric,
    for_units numeric,
    to_asset text,
    multiplier numeric,
    rate numeric,
    price numeric,
    amount numeric,
    recorded_at timestamptz NOT NULL,
    source text NOT NULL,
    trace_id text,

    CONSTRAINT corporate_actions_pkey PRIMARY KEY (action_id),
    CONSTRAINT corporate_actions_action_is_whole CHECK (
        CASE action
            WHEN 'split' THEN units > 0 AND for_units > 0
            WHEN 'rename' THEN units > 0 AND for_units > 0 AND to_asset <> asset AND rate > 0
            WHEN 'contract' THEN units > 0 AND for_units > 0 AND multiplier > 0
            WHEN 'settlement' THEN price IS NOT NULL
            WHEN 'distribution' THEN amount IS NOT NULL
            ELSE FALSE
        END
    )
);

CREATE INDEX corporate_actions_asset_idx ON pms.corporate_actions (asset, effective_at);

ALTER TABLE pms.instruments
ADD COLUMN first_multiplier numeric,
ADD COLUMN defined_at timestamptz,
ADD CONSTRAINT instruments_first_multiplier_positive CHECK (first_multiplier > 0);

CREATE TABLE pms.corporate_action_busts (
    action_id text NOT NULL,
    recorded_at timestamptz NOT NULL,
    source text NOT NULL,
    trace_id text,

    CONSTRAINT corporate_action_busts_pkey PRIMARY KEY (action_id)
);

-- s split, r rename, c contract, e settlement, d distribution: what they do depends on the leg,
-- so quantity is 0; only the entry that receives what a rename moves has one.
ALTER TABLE pms.entries
ADD CONSTRAINT entries_kind_is_known CHECK (
    CASE
        WHEN kind IN ('t', 'x')
            THEN quantity <> 0 AND realized IS NULL AND (price IS NOT NULL OR amount IS NOT NULL)
        WHEN kind = 'o'
            THEN fee = 0 AND (price IS NOT NULL OR amount IS NOT NULL)
                AND (quantity <> 0 OR (realized IS NOT NULL AND amount = 0))
        WHEN kind IN ('a', 'f')
            THEN amount IS NOT NULL AND realized IS NULL
                AND (kind = 'f' OR (fee = 0 AND (quantity <> 0 OR amount = 0)))
        WHEN kind = 'r' AND quantity <> 0
            THEN amount IS NOT NULL AND realized IS NOT NULL AND fee = 0
        WHEN kind IN ('s', 'r', 'c')
            THEN quantity = 0 AND fee = 0 AND price > 0 AND amount > 0
                AND (kind <> 'c' OR realized > 0)
        WHEN kind IN ('e', 'd')
            THEN quantity = 0 AND fee = 0 AND price IS NOT NULL AND amount IS NULL
                AND realized IS NULL
        ELSE FALSE
    END
) NOT VALID;

ALTER TABLE pms.entries DROP CONSTRAINT entries_kind_is_whole;

ALTER TABLE pms.entries RENAME CONSTRAINT entries_kind_is_known TO entries_kind_is_whole;

COMMIT;

-- In its own transaction: it reads the whole ledger, and no writer waits for it.
ALTER TABLE pms.entries VALIDATE CONSTRAINT entries_kind_is_whole;
