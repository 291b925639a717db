BEGIN;

CREATE TABLE pms.portfolio_history_extent (
    only_row boolean NOT NULL DEFAULT TRUE,
    recorded_at timestamptz NOT NULL DEFAULT '-infinity',
    thinned_before timestamptz NOT NULL DEFAULT '-infinity',

    CONSTRAINT portfolio_history_extent_pkey PRIMARY KEY (only_row),
    CONSTRAINT portfolio_history_extent_has_one_row CHECK (only_row)
);

INSERT INTO pms.portfolio_history_extent (recorded_at)
SELECT coalesce(max(m.recorded_at), '-infinity') AS recorded_at
FROM pms.equity_marks m;

-- The peak of a minute that is deleted has to survive in the rows after it.
ALTER TABLE pms.portfolio_history ADD COLUMN peak_net_pnl numeric;

UPDATE pms.portfolio_history h
SET peak_net_pnl = p.peak_net_pnl
FROM (
    SELECT
        k.account,
        k.recorded_at,
        greatest(
            max(k.net_pnl) OVER (PARTITION BY k.account ORDER BY k.recorded_at),
            -- Its row may be beyond retention.
            CASE WHEN m.peak_at <= k.recorded_at THEN m.peak_net_pnl END,
            0
        ) AS peak_net_pnl
    FROM pms.portfolio_history k
    LEFT JOIN pms.equity_marks m ON k.account = m.account
) p
WHERE h.account = p.account
    AND h.recorded_at = p.recorded_at;

ALTER TABLE pms.portfolio_history
ALTER COLUMN peak_net_pnl SET NOT NULL,
ADD CONSTRAINT portfolio_history_peak_is_highest
CHECK (peak_net_pnl >= net_pnl AND peak_net_pnl >= 0);

COMMIT;
