CREATE TYPE pms.imported_leg AS (
    ordinal integer,
    outcome text,
    detail text,
    account text,
    asset text,
    mode text,
    leg text,
    size numeric,
    average_price numeric,
    realized numeric,
    current_price numeric,
    executed_at timestamptz
);

COMMENT ON TYPE pms.imported_leg IS $$A leg of a position of an older table: read, then decided

ordinal: of its row, from 1. Read: outcome is null while nothing speaks against it. Decided: applied,
duplicate (imported before), ignored (nothing is held and nothing was earned) or rejected; detail
says why. executed_at: when it was so; null when the row does not say.$$;
