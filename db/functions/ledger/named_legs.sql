CREATE OR REPLACE FUNCTION pms.named_leg(
    account text,
    asset text,
    mode text,
    leg text,
    is_doubtful boolean
)
RETURNS pms.leg_key
LANGUAGE sql
IMMUTABLE
AS $$
SELECT CASE
    WHEN named_leg.account IS NULL
        OR pms.check_account(named_leg.account) IS NOT NULL
        OR pms.check_asset(named_leg.asset) IS NOT NULL
        THEN NULL
    WHEN NOT named_leg.is_doubtful
        AND (named_leg.mode, named_leg.leg)
        IN (('one-way', 'net'), ('hedge', 'long'), ('hedge', 'short'))
        THEN (named_leg.account, named_leg.asset, named_leg.mode, named_leg.leg)::pms.leg_key
    ELSE (named_leg.account, named_leg.asset, NULL, NULL)::pms.leg_key
END
$$;

COMMENT ON FUNCTION pms.named_leg IS $$The leg that a message names, as far as it can be known

Null without a valid account and asset; mode and leg are null when they contradict each other, or
when is_doubtful: the message would have been refused for them.$$;

CREATE OR REPLACE FUNCTION pms.legs_named_by_events(events pms.order_event[])
RETURNS SETOF pms.leg_name
LANGUAGE sql
STABLE
AS $$
SELECT
    e.ordinal,
    pms.named_leg(
        e.account, e.asset, e.mode, e.leg,
        coalesce(e.reason IN ('invalid_mode', 'invalid_position_side', 'leg_missing'), FALSE)
    )
FROM unnest(legs_named_by_events.events) e
WHERE e.outcome IS DISTINCT FROM 'deferred'
$$;

COMMENT ON FUNCTION pms.legs_named_by_events IS
'The legs that order events name; busts and corrections have none of their own.';

CREATE OR REPLACE FUNCTION pms.legs_named_by_amendments(amendments pms.amendment_event[])
RETURNS SETOF pms.leg_name
LANGUAGE sql
STABLE
AS $$
SELECT a.ordinal, (e.account, e.asset, e.mode, e.leg)::pms.leg_key
FROM unnest(legs_named_by_amendments.amendments) a
CROSS JOIN LATERAL pms.find_entry(a.account, a.amends) e
$$;

COMMENT ON FUNCTION pms.legs_named_by_amendments IS
'The legs of the entries that busts and corrections name.';

CREATE OR REPLACE FUNCTION pms.legs_named_by_orders(messages jsonb[])
RETURNS SETOF pms.leg_name
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_events CONSTANT pms.order_event[] := ARRAY(
        SELECT e FROM pms.parse_order_events(messages, TRUE) e
    );
BEGIN
    RETURN QUERY
    SELECT n.* FROM pms.legs_named_by_events(v_events) n
    UNION ALL
    SELECT n.*
    FROM pms.legs_named_by_amendments(ARRAY(
        SELECT a
        FROM pms.parse_amendments(
            messages,
            ARRAY(SELECT e.ordinal FROM unnest(v_events) e WHERE e.outcome = 'deferred')
        ) a
    )) n;
END
$$;

COMMENT ON FUNCTION pms.legs_named_by_orders IS $$The legs that messages of the orders name

Also of messages that would be refused.$$;

CREATE OR REPLACE FUNCTION pms.existing_legs(names pms.leg_key[])
RETURNS pms.leg_key[]
LANGUAGE sql
STABLE
AS $$
SELECT ARRAY(
    SELECT DISTINCT (p.account, p.asset, p.mode, p.leg)::pms.leg_key
    FROM (SELECT DISTINCT u.* FROM unnest(existing_legs.names) u) n
    INNER JOIN pms.positions p
        ON n.account = p.account
        AND n.asset = p.asset
        AND (n.mode IS NULL OR (n.mode, n.leg) = (p.mode, p.leg))
)
$$;

COMMENT ON FUNCTION pms.existing_legs IS
'Those legs of names that exist; without a mode, all legs of the asset.';
