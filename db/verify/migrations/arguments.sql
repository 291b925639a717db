-- Verify position_manager:migrations/arguments on pg

SELECT NULL::pms.arguments;
