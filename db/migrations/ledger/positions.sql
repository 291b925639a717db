BEGIN;

CREATE TABLE pms.positions (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    position_id uuid NOT NULL,
    size numeric NOT NULL DEFAULT 0,
    cost numeric NOT NULL DEFAULT 0,
    realized numeric NOT NULL DEFAULT 0,
    fees_open numeric NOT NULL DEFAULT 0,
    fees_close numeric NOT NULL DEFAULT 0,
    funding numeric NOT NULL DEFAULT 0,
    opened_at timestamptz,
    closed_at timestamptz,
    last_executed_at timestamptz,
    current_price numeric,
    version bigint NOT NULL DEFAULT 0,
    entries bigint NOT NULL DEFAULT 0,
    checkpointed bigint NOT NULL DEFAULT 0,
    needs_review boolean NOT NULL DEFAULT FALSE,
    last_snapshot_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT positions_pkey PRIMARY KEY (account, asset, mode, leg),
    CONSTRAINT positions_account_is_name CHECK (account ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    CONSTRAINT positions_leg_fits_mode CHECK (
        (mode = 'one-way' AND leg = 'net') OR (mode = 'hedge' AND leg IN ('long', 'short'))
    ),
    CONSTRAINT positions_size_is_finite CHECK (abs(size) < 'Infinity'),
    CONSTRAINT positions_cost_is_finite CHECK (abs(cost) < 'Infinity'),
    CONSTRAINT positions_realized_is_finite CHECK (abs(realized) < 'Infinity'),
    CONSTRAINT positions_flat_costs_nothing CHECK (size <> 0 OR cost = 0),
    CONSTRAINT positions_open_has_opened_at CHECK (size = 0 OR opened_at IS NOT NULL),
    CONSTRAINT positions_version_not_negative CHECK (version >= 0),
    CONSTRAINT positions_asset_fkey FOREIGN KEY (asset) REFERENCES pms.instruments (asset)
);

CREATE INDEX idx_positions_asset ON pms.positions (asset);

CREATE INDEX idx_positions_mode ON pms.positions (mode);

CREATE INDEX idx_positions_asset_mode ON pms.positions (asset, mode);

CREATE INDEX idx_positions_current_price ON pms.positions (current_price);

CREATE INDEX idx_positions_version ON pms.positions (version);

COMMIT;
