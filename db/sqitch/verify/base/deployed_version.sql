SELECT only_row, version, deployed_at
FROM pms.deployed_version
WHERE FALSE;
