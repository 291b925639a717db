BEGIN;

DELETE FROM pms.limits
WHERE metric IN ('open_positions', 'order_size');

ALTER TABLE pms.limits
DROP CONSTRAINT limits_metric_is_known,
ADD CONSTRAINT limits_metric_is_known CHECK (
    metric IN (
        'gross_exposure', 'net_exposure', 'position_size', 'exposure_share', 'drawdown',
        'daily_loss'
    )
),
DROP CONSTRAINT limits_history_is_of_all_assets,
ADD CONSTRAINT limits_history_is_of_all_assets
CHECK (metric NOT IN ('drawdown', 'daily_loss') OR asset = '*');

COMMIT;
