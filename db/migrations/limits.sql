-- Deploy position_manager:migrations/limits to pg
-- requires: migrations/schemas

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

COMMENT ON TABLE pms.limits IS $$How much may be at stake, and from where on a person is told

account *: of all accounts together; asset *: of all assets. A level is passed by what is above it:
at the level it holds.$$;
COMMENT ON COLUMN pms.limits.source IS
'settings: it is PORTFOLIO_MAX_EXPOSURE_USDT of the environment, and goes when that goes.';

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

-- A limit has one breach at a time, whoever sees it first.
CREATE UNIQUE INDEX limit_breaches_open_idx ON pms.limit_breaches (account, limit_id)
WHERE ended_at IS NULL;

COMMENT ON TABLE pms.limit_breaches IS $$When a limit was breached, until when and how far

Ends by itself when the value is at or below the level again, or the limit is gone.$$;
COMMENT ON COLUMN pms.limit_breaches.breach_level IS 'What it was when the breach began.';
COMMENT ON COLUMN pms.limit_breaches.ended_at IS 'Null: it lasts.';

CREATE TYPE pms.limit_basis AS (
    account text,
    asset text,
    long_size numeric,
    short_size numeric,
    exposure numeric,
    net_exposure numeric,
    net_pnl numeric
);

COMMENT ON TYPE pms.limit_basis IS $$What is held, as limits see it: a total of pms.portfolio_totals

account *: over all accounts; asset *: over all assets. Amounts in USDT.$$;

COMMIT;
