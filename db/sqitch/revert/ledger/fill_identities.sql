BEGIN;

ALTER TABLE pms.amendments
DROP COLUMN named_asset,
DROP COLUMN named_leg,
DROP COLUMN named_side,
DROP COLUMN named_order;

DROP INDEX pms.subsumed_executions_match_idx;

ALTER TABLE pms.subsumed_executions DROP COLUMN fee_currency, DROP COLUMN executed_at;

DROP TABLE pms.suspected_repeats;

DROP TABLE pms.execution_orders;

COMMIT;
