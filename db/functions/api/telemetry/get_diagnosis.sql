CREATE OR REPLACE FUNCTION api.get_diagnosis()
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT jsonb_build_object(
    'server_time', pms.time_text(clock_timestamp()),
    'checks', jsonb_agg(to_jsonb(s))
)
FROM pms.symptoms() s
$$;

COMMENT ON FUNCTION api.get_diagnosis IS $$Examine the database server and its upkeep

checks: of each area {area, state, found, remedy}, one with the state ok, or one for each symptom,
with the state warning or failure, the finding and the remedy. On the command line only.$$;

GRANT EXECUTE ON FUNCTION api.get_diagnosis TO pms_operator;
