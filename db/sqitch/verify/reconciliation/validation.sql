SELECT only_row, total_validations, total_discrepancies, total_fixes, total_errors
FROM pms.validation_statistics
WHERE FALSE;
