-- Verify position_manager:migrations/imports on pg

SELECT NULL::pms.imported_leg;
