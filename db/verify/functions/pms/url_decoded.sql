-- Verify position_manager:functions/pms/url_decoded on pg

SELECT 'pms.url_decoded'::regproc;
