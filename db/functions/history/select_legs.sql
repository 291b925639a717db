CREATE OR REPLACE FUNCTION pms.asked_legs(
    as_of timestamptz,
    known_at timestamptz,
    account text
)
RETURNS pms.priced_leg[]
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF asked_legs.as_of IS NULL AND asked_legs.known_at IS NULL THEN
        RETURN pms.present_legs(asked_legs.account);
    END IF;

    RETURN ARRAY(
        SELECT l
        FROM pms.legs_as_of(
            coalesce(asked_legs.as_of, 'infinity'),
            coalesce(asked_legs.known_at, 'infinity'),
            asked_legs.account
        ) l
        WHERE pms.in_scope(l.account)
    );
END
$$;

COMMENT ON FUNCTION pms.asked_legs IS $$The legs that a request is about: of now, or of a moment

as_of and known_at: null is now; account: null is all accounts that are in scope. Without both it is the stored rows,
else the ledger.$$;

CREATE OR REPLACE FUNCTION pms.asked_moment(as_of timestamptz, known_at timestamptz)
RETURNS jsonb
LANGUAGE sql
AS $$
SELECT CASE
    WHEN asked_moment.as_of IS NULL AND asked_moment.known_at IS NULL THEN '{}'
    ELSE jsonb_build_object(
        'as_of', pms.time_text(coalesce(asked_moment.as_of, clock_timestamp())),
        'known_at', pms.time_text(coalesce(asked_moment.known_at, clock_timestamp()))
    )
END
$$;

COMMENT ON FUNCTION pms.asked_moment IS $$What an answer says of the moment it is about

Nothing when neither was asked for; else both, so that the same can be asked for again.$$;
