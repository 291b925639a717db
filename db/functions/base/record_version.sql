CREATE OR REPLACE FUNCTION pms.record_version(version text)
RETURNS void
LANGUAGE sql
AS $$
INSERT INTO pms.deployed_version AS d (version)
VALUES (record_version.version)
ON CONFLICT ON CONSTRAINT deployed_version_pkey DO UPDATE
SET version = excluded.version,
    deployed_at = excluded.deployed_at
WHERE d.version <> excluded.version
$$;

COMMENT ON FUNCTION pms.record_version IS 'Record the version of the code that was deployed';
