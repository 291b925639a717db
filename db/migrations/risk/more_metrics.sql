-- Only adds.
BEGIN;

ALTER TABLE pms.limits
DROP CONSTRAINT limits_metric_is_known,
ADD CONSTRAINT limits_metric_is_known CHECK (
    metric IN (
        'gross_exposure', 'net_exposure', 'position_size', 'exposure_share', 'drawdown',
        'daily_loss', 'open_positions', 'order_size'
    )
),
DROP CONSTRAINT limits_history_is_of_all_assets,
ADD CONSTRAINT limits_history_is_of_all_assets
CHECK (metric NOT IN ('drawdown', 'daily_loss', 'open_positions') OR asset = '*');

COMMIT;
