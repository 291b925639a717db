CREATE OR REPLACE FUNCTION pms.select_legs(
    as_of timestamptz,
    known_at timestamptz,
    account text
)
RETURNS pms.priced_leg[]
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF select_legs.as_of IS NULL AND select_legs.known_at IS NULL THEN
        RETURN pms.current_legs(select_legs.account);
    END IF;

    RETURN ARRAY(
        SELECT l
        FROM pms.legs_as_of(
            coalesce(select_legs.as_of, 'infinity'),
            coalesce(select_legs.known_at, 'infinity'),
            select_legs.account
        ) l
        WHERE select_legs.account IS NOT NULL OR pms.in_scope(l.account)
    );
END
$$;

COMMENT ON FUNCTION pms.select_legs IS $$The legs of a request: current, or at a point in time

as_of and known_at: null is now; account: null is all accounts that are in scope. Without both it is the stored rows,
else the ledger.$$;

CREATE OR REPLACE FUNCTION pms.as_of_json(as_of timestamptz, known_at timestamptz)
RETURNS jsonb
LANGUAGE sql
AS $$
SELECT CASE
    WHEN as_of_json.as_of IS NULL AND as_of_json.known_at IS NULL THEN '{}'
    ELSE jsonb_build_object(
        'as_of', pms.time_text(coalesce(as_of_json.as_of, clock_timestamp())),
        'known_at', pms.time_text(coalesce(
            as_of_json.known_at, greatest(clock_timestamp(), pms.newest_recording())
        ))
    )
END
$$;

COMMENT ON FUNCTION pms.as_of_json IS $$What an answer says of the moment it is about

Nothing when neither was asked for; else both, so that the same can be asked for again.$$;
