CREATE OR REPLACE VIEW api.instrument_aliases AS
SELECT
    a.alias,
    a.asset,
    a.created_at
FROM pms.instrument_aliases a
CROSS JOIN pms.read_only;

COMMENT ON VIEW api.instrument_aliases IS $$Other names of instruments

Messages and arguments with an alias are those of its asset.$$;

COMMENT ON COLUMN api.instrument_aliases.alias IS 'The other name, upper case.';

COMMENT ON COLUMN api.instrument_aliases.asset IS 'The instrument that it stands for.';

COMMENT ON COLUMN api.instrument_aliases.created_at IS 'When an operator added it.';

GRANT SELECT ON api.instrument_aliases TO pms_reader, pms_trader, pms_operator, pms_analyst;
