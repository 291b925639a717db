-- Verify position_manager:functions/pms/document_or_null on pg

SELECT 'pms.document_or_null'::regproc;
SELECT 1 / has_function_privilege('pms_operator', 'pms.document_or_null'::regproc, 'EXECUTE')::int;
SELECT
    1 / has_function_privilege(
        'pms_http_operator', 'pms.document_or_null'::regproc, 'EXECUTE'
    )::int;
