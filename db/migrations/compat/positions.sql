-- Only adds.
BEGIN;

ALTER TABLE pms.settings
ADD COLUMN compat boolean NOT NULL DEFAULT FALSE;

CREATE SCHEMA compat;

CREATE TABLE compat.positions (
    id uuid NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    size numeric NOT NULL,
    average_entry_price numeric,
    current_price numeric,
    unrealized_pnl numeric NOT NULL,
    realized_pnl numeric NOT NULL,
    long_size numeric,
    short_size numeric,
    long_avg_price numeric,
    short_avg_price numeric,
    version bigint NOT NULL,
    last_updated timestamptz NOT NULL,
    last_snapshot_at timestamptz,
    closed_at timestamptz,
    created_at timestamptz NOT NULL,

    -- The only key: a second one could refuse an INSERT ... ON CONFLICT (asset, mode).
    CONSTRAINT positions_pkey PRIMARY KEY (asset, mode)
)
-- Rows change often, and in their place.
WITH (fillfactor = 50);

-- A trigger belongs to its table. The rule is code, which is loaded before anybody may write.
CREATE FUNCTION compat.replace_written() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN pms.compat_position(coalesce(OLD.asset, NEW.asset), coalesce(OLD.mode, NEW.mode));
END
$$;

CREATE FUNCTION compat.delete_unknown() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    DELETE FROM compat.positions p
    WHERE (p.asset, p.mode) = (NEW.asset, NEW.mode)
        AND p.version = 0;

    RETURN NULL;
END
$$;

CREATE TRIGGER positions_replace_written
BEFORE INSERT OR UPDATE ON compat.positions
FOR EACH ROW WHEN (current_user <> 'pms_owner')
EXECUTE FUNCTION compat.replace_written();

CREATE TRIGGER positions_delete_unknown
AFTER INSERT OR UPDATE ON compat.positions
FOR EACH ROW WHEN (new.version = 0)
EXECUTE FUNCTION compat.delete_unknown();

COMMIT;
