SELECT 'pms'::regnamespace, 'api'::regnamespace;
