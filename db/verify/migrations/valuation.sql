-- Verify position_manager:migrations/valuation on pg

SELECT NULL::pms.priced_leg;
