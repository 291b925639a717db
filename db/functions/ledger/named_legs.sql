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

CREATE OR REPLACE FUNCTION pms.loosely_named_leg(message jsonb)
RETURNS pms.leg_key
LANGUAGE sql
STABLE
AS $$
SELECT (
    pms.account_name(coalesce(
        (array_agg(f.account ORDER BY f.place) FILTER (WHERE f.account IS NOT NULL))[1], 'main'
    )),
    (
        SELECT a.asset
        FROM pms.asset_of(
            (array_agg(f.asset ORDER BY f.place) FILTER (WHERE f.asset IS NOT NULL))[1]
        ) a
    ),
    NULL, NULL
)::pms.leg_key
FROM (
    SELECT
        p.place,
        pms.unless_blank(p.fields ->> 'account') AS account,
        coalesce(
            pms.unless_blank(p.fields ->> 'asset'), pms.unless_blank(p.fields ->> 'symbol')
        ) AS asset
    FROM unnest(ARRAY[
        message -> 'order', message -> 'payload', message -> 'data', message
    ]) WITH ORDINALITY p (fields, place)
) f
$$;

COMMENT ON FUNCTION pms.loosely_named_leg IS
$$The account and the asset that a message of no known shape names, for pms.named_leg

Wherever the shapes of contract.md have an asset or a symbol, and an account.$$;

CREATE OR REPLACE FUNCTION pms.legs_named_by_events(events pms.order_event[], messages jsonb[])
RETURNS SETOF pms.leg_name
LANGUAGE sql
STABLE
AS $$
SELECT DISTINCT ON (n.ordinal) n.ordinal, n.leg
FROM (
    SELECT e.ordinal, c.place, pms.named_leg(c.account, c.asset, c.mode, c.leg, c.is_doubtful) AS leg
    FROM unnest(legs_named_by_events.events) e
    CROSS JOIN LATERAL (
        SELECT
            1 AS place, e.account, e.asset, e.mode, e.leg,
            coalesce(
                e.reason IN ('invalid_mode', 'invalid_position_side', 'leg_missing'), FALSE
            ) AS is_doubtful
        UNION ALL
        SELECT 2, l.*, TRUE
        FROM pms.loosely_named_leg(legs_named_by_events.messages[e.ordinal]) l
    ) c
    WHERE e.outcome IS DISTINCT FROM 'deferred'
) n
ORDER BY n.ordinal, n.leg IS NULL, n.place
$$;

COMMENT ON FUNCTION pms.legs_named_by_events IS
'The legs that order events name; busts and corrections have none of their own.';

CREATE OR REPLACE FUNCTION pms.legs_named_by_amendments(amendments pms.amendment_event[])
RETURNS SETOF pms.leg_name
LANGUAGE sql
STABLE
AS $$
SELECT
    a.ordinal,
    CASE
        WHEN e.account IS NOT NULL THEN (e.account, e.asset, e.mode, e.leg)::pms.leg_key
        ELSE pms.named_leg(
                a.account, a.named_asset,
                CASE a.named_leg WHEN 'net' THEN 'one-way' ELSE 'hedge' END,
                a.named_leg, a.named_leg IS NULL
            )
    END
FROM unnest(legs_named_by_amendments.amendments) a
LEFT JOIN LATERAL pms.find_entry(a.account, a.amends) e ON TRUE
$$;

COMMENT ON FUNCTION pms.legs_named_by_amendments IS
$$The legs of the entries that busts and corrections name

While there is no such entry, the one that the message itself names, as far as it does.$$;

CREATE OR REPLACE FUNCTION pms.legs_named_by_orders(messages jsonb[])
RETURNS SETOF pms.leg_name
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_events CONSTANT pms.order_event[] := ARRAY(
        SELECT e FROM pms.parse_order_events(messages, TRUE) e
    );
    v_deferred CONSTANT integer[] := ARRAY(
        SELECT e.ordinal FROM unnest(v_events) e WHERE e.outcome = 'deferred'
    );
    v_actions CONSTANT integer[] := pms.corporate_action_ordinals(messages, v_deferred);
BEGIN
    RETURN QUERY
    SELECT n.* FROM pms.legs_named_by_events(v_events, messages) n
    UNION ALL
    SELECT n.*
    FROM pms.legs_named_by_amendments(ARRAY(
        SELECT a
        FROM pms.parse_amendments(
            messages,
            ARRAY(SELECT d.ordinal FROM unnest(v_deferred) d (ordinal) WHERE d.ordinal <> ALL(v_actions))
        ) a
    )) n
    UNION ALL
    SELECT a.ordinal, ('*', coalesce(h.asset, (a.action).asset), NULL, NULL)::pms.leg_key
    FROM pms.parse_corporate_actions(messages, v_actions, NULL) a
    LEFT JOIN pms.corporate_actions h ON a.is_bust AND (a.action).action_id = h.action_id
    WHERE pms.check_asset(coalesce(h.asset, (a.action).asset)) IS NULL;
END
$$;

COMMENT ON FUNCTION pms.legs_named_by_orders IS $$The legs that messages of the orders name

Also of messages that would be refused. A corporate action names the legs of an asset in all accounts,
which is the account *.$$;

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
    UNION
    SELECT (p.account, p.asset, p.mode, p.leg)::pms.leg_key
    FROM unnest(existing_legs.names) n
    INNER JOIN pms.positions p ON n.asset = p.asset
    WHERE n.account = '*'
        AND p.version > 0
)
$$;

COMMENT ON FUNCTION pms.existing_legs IS
$$Those legs of names that exist; without a mode, all legs of the asset

The account * stands for all accounts that have a position.$$;

CREATE OR REPLACE FUNCTION pms.legs_to_flag(names pms.leg_key[])
RETURNS pms.leg_key[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    -- At most that many positions have nothing but the flag of a message that does not count.
    c_most CONSTANT bigint := 1000;
    v_legs CONSTANT pms.leg_key[] := ARRAY(
        SELECT DISTINCT u::pms.leg_key FROM unnest(names) u WHERE u.account IS NOT NULL
    );
    v_keys CONSTANT pms.leg_key[] := pms.existing_legs(v_legs);
    v_new CONSTANT pms.leg_key[] := ARRAY(
        SELECT (l.account, l.asset, coalesce(l.mode, 'one-way'), coalesce(l.leg, 'net'))::pms.leg_key
        FROM unnest(v_legs) l
        WHERE NOT EXISTS (
            SELECT 1
            FROM unnest(v_keys) k
            WHERE k.account = l.account
                AND k.asset = l.asset
                AND (l.mode IS NULL OR (k.mode, k.leg) = (l.mode, l.leg))
        )
            AND l.account <> '*'
        ORDER BY l.account, l.asset, l.mode, l.leg
    );
BEGIN
    IF v_new = '{}' THEN
        RETURN v_keys;
    END IF;

    RETURN v_keys || v_new[:c_most - (
        SELECT count(*)
        FROM (
            SELECT 1
            FROM pms.reviews v
            WHERE v.code IN ('rejected_message', 'rejected_report', 'pending_fill')
            LIMIT c_most
        ) r
    )];
END
$$;

COMMENT ON FUNCTION pms.legs_to_flag IS $$The legs that names stand for, to be locked and flagged

A name without a mode stands for the legs of the asset that exist, else for the one-way leg. Those
that do not exist are limited in number: messages may name anything.$$;
