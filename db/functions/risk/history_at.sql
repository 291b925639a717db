-- One statement, so that it is inlined.
CREATE OR REPLACE FUNCTION pms.history_at(account text, at timestamptz)
RETURNS SETOF pms.portfolio_history
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT h.*
FROM pms.portfolio_history h
WHERE h.account = history_at.account
    AND h.recorded_at <= history_at.at
ORDER BY h.recorded_at DESC
LIMIT 1
$$;

COMMENT ON FUNCTION pms.history_at IS
'The newest totals of an account (* for all together) that were recorded by a moment, if any.';
