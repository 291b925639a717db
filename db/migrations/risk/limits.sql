BEGIN;

CREATE TABLE pms.limits (
    account text NOT NULL DEFAULT '*',
    asset text NOT NULL DEFAULT '*',
    metric text NOT NULL,
    warn_level numeric,
    breach_level numeric NOT NULL,
    source text NOT NULL DEFAULT 'operator',
    updated_at timestamptz NOT NULL DEFAULT now(),
    scope text NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN asset <> '*' THEN 'asset'
            WHEN account <> '*' THEN 'account'
            ELSE 'portfolio'
        END
    ) STORED,
    id text NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN asset <> '*' THEN 'asset/'
            WHEN account <> '*' THEN 'account/'
            ELSE 'portfolio/'
        END
        || CASE WHEN account = '*' THEN '' ELSE account || '/' END
        || CASE WHEN asset = '*' THEN '' ELSE asset || '/' END
        || metric
    ) STORED,

    CONSTRAINT limits_pkey PRIMARY KEY (account, asset, metric),
    CONSTRAINT limits_account_is_name
    CHECK (account = '*' OR account ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    CONSTRAINT limits_asset_is_symbol
    CHECK (asset = '*' OR asset ~ '^[A-Z0-9][A-Z0-9._-]{0,31}$'),
    CONSTRAINT limits_metric_is_known CHECK (
        metric IN (
            'gross_exposure', 'net_exposure', 'position_size', 'exposure_share', 'drawdown',
            'daily_loss'
        )
    ),
    CONSTRAINT limits_position_size_is_of_an_asset
    CHECK (metric <> 'position_size' OR asset <> '*'),
    CONSTRAINT limits_history_is_of_all_assets
    CHECK (metric NOT IN ('drawdown', 'daily_loss') OR asset = '*'),
    CONSTRAINT limits_breach_level_in_range CHECK (breach_level > 0 AND breach_level < 1e20),
    CONSTRAINT limits_warn_level_below_breach
    CHECK (warn_level > 0 AND warn_level <= breach_level),
    CONSTRAINT limits_share_is_ratio CHECK (metric <> 'exposure_share' OR breach_level <= 1),
    CONSTRAINT limits_source_is_known CHECK (source IN ('operator', 'settings'))
);

CREATE TABLE pms.limit_breaches (
    account text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    limit_id text NOT NULL,
    asset text NOT NULL,
    metric text NOT NULL,
    breach_level numeric NOT NULL,
    began_at timestamptz NOT NULL,
    ended_at timestamptz,
    peak_value numeric NOT NULL,
    peak_at timestamptz NOT NULL,

    CONSTRAINT limit_breaches_pkey PRIMARY KEY (account, id),
    CONSTRAINT limit_breaches_ends_after_it_began CHECK (ended_at >= began_at)
);

-- A limit has one breach at a time.
CREATE UNIQUE INDEX limit_breaches_open_idx ON pms.limit_breaches (account, limit_id)
WHERE ended_at IS NULL;

COMMIT;
