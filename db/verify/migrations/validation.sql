-- Verify position_manager:migrations/validation on pg

SELECT NULL::pms.discrepancy;

SELECT NULL::pms.folded_leg;

SELECT only_row, total_validations, total_discrepancies, total_fixes, total_errors
FROM pms.validation_statistics
WHERE FALSE;
