-- Revert position_manager:functions/pms/document_or_null from pg

BEGIN;

DROP FUNCTION pms.document_or_null;

COMMIT;
