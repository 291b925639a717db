CREATE OR REPLACE FUNCTION pms.corporate_action_ordinals(messages jsonb[], ordinals integer[])
RETURNS integer[]
LANGUAGE sql
IMMUTABLE
AS $$
SELECT ARRAY(
    SELECT o.ordinal
    FROM unnest(corporate_action_ordinals.ordinals) o (ordinal)
    CROSS JOIN LATERAL (SELECT corporate_action_ordinals.messages[o.ordinal] AS doc) d
    WHERE d.doc ->> 'event_type' = 'corporate_action'
        OR d.doc ->> 'identity' LIKE 'action:%'
    ORDER BY o.ordinal
)
$$;

COMMENT ON FUNCTION pms.corporate_action_ordinals IS
'Which of the deferred messages are corporate actions, or amend one.';

CREATE OR REPLACE FUNCTION pms.check_corporate_action(
    action pms.corporate_actions,
    literal_rate text,
    kind text,
    allows_nonpositive_price boolean
)
RETURNS text
LANGUAGE sql
IMMUTABLE
AS $$
SELECT coalesce(
    pms.objection('invalid_action', 'action', CASE
        WHEN pms.is_action(action.action) IS NOT TRUE
            THEN 'must be split, rename, contract, settlement or distribution'
            WHEN action.action = 'contract' AND kind = 'spot'
                THEN 'a spot asset has no contract'
    END),
    pms.objection('invalid_asset', 'asset', pms.check_asset(action.asset)),
    CASE WHEN pms.has_ratio(action.action) THEN
        pms.objection('invalid_ratio', 'ratio', CASE
            WHEN coalesce(
                    pms.check_positive(action.units), pms.check_positive(action.for_units)
                ) IS NOT NULL
                THEN 'must be new units for an old one, such as 10 or 1:3'
        END)
    END,
    CASE WHEN action.action = 'rename' THEN coalesce(
        pms.objection('invalid_asset', 'to_asset', pms.check_asset(action.to_asset)),
        pms.objection('invalid_asset', 'to_asset', CASE
            WHEN action.to_asset = action.asset THEN 'must be another asset'
        END),
        pms.objection('invalid_rate', 'rate', CASE
            WHEN literal_rate IS NOT NULL THEN pms.check_positive(action.rate)
        END)
    ) END,
    CASE WHEN action.action = 'contract' THEN
        pms.objection('invalid_multiplier', 'multiplier', pms.check_positive(action.multiplier))
    END,
    CASE WHEN action.action = 'settlement' THEN
        pms.objection('invalid_price', 'price', CASE
            WHEN action.price IS NULL OR action.price < 0 AND NOT allows_nonpositive_price
                THEN 'must be a decimal >= 0, < 10^20, at most 18 fractional digits'
            WHEN action.price = 0 AND kind = 'inverse'
                THEN 'an inverse contract has no value at 0'
        END)
    END,
    CASE WHEN action.action = 'distribution' THEN
        pms.objection('invalid_amount', 'amount', pms.check_decimal(action.amount))
    END
)
$$;

COMMENT ON FUNCTION pms.check_corporate_action IS
$$The first objection to the terms of a corporate action, as pms.objection writes it, or null

literal_rate: null where a rename names no rate.$$;

CREATE OR REPLACE FUNCTION pms.named_action(message jsonb)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE message ->> 'event_type'
    WHEN 'corporate_action' THEN message ->> 'action_id'
    -- An entry has the leg behind the id of its action.
    ELSE regexp_replace(
            coalesce(message ->> 'action_id', substr(message ->> 'identity', 8)),
            ':(net|long|short)(:[0-9]+)?$', ''
        )
END;

COMMENT ON FUNCTION pms.named_action IS
'The id of the corporate action that a message reports, or an amendment names.';

CREATE OR REPLACE FUNCTION pms.archived_action(action_id text, effective_at timestamptz)
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN pms.objection('archived_period', 'effective_at', CASE
        WHEN coalesce(
            effective_at,
            (
                SELECT a.effective_at
                FROM pms.corporate_actions a
                WHERE a.action_id = archived_action.action_id
            )
        ) < pms.ledger_closed_until()
            THEN pms.archived_period_text()
    END);
END
$$;

COMMENT ON FUNCTION pms.archived_action IS
$$The objection to a corporate action of an archived period, or to its bust, or null

effective_at: null is that of the recorded action.$$;

CREATE OR REPLACE FUNCTION pms.parse_corporate_actions(
    messages jsonb[],
    ordinals integer[],
    source text
)
RETURNS SETOF pms.action_event
LANGUAGE sql
STABLE
AS $$
-- OFFSET 0: each step is computed once for all columns that read it (ADR 0002).
WITH literal AS (
    SELECT
        o.ordinal,
        d.doc ->> 'event_type' AS event_type,
        pms.named_action(d.doc) AS action_id,
        lower(btrim(d.doc ->> 'action')) AS action,
        (SELECT n.asset FROM pms.asset_of(d.doc ->> 'asset') n) AS asset,
        d.doc ->> 'effective_at' AS effective_at,
        CASE lower(btrim(d.doc ->> 'action'))
            WHEN 'split' THEN replace(d.doc ->> 'ratio', ' ', '')
            WHEN 'rename' THEN replace(coalesce(d.doc ->> 'ratio', '1'), ' ', '')
            WHEN 'contract' THEN replace(coalesce(d.doc ->> 'ratio', '1'), ' ', '')
        END AS ratio,
        (SELECT n.asset FROM pms.asset_of(d.doc ->> 'to_asset') n) AS to_asset,
        d.doc ->> 'multiplier' AS multiplier,
        d.doc ->> 'rate' AS rate,
        d.doc ->> 'price' AS price,
        d.doc ->> 'amount' AS amount,
        lower(d.doc ->> 'is_another') AS is_another,
        left(d.doc ->> 'trace_id', 128) AS trace_id
    FROM unnest(parse_corporate_actions.ordinals) o (ordinal)
    CROSS JOIN LATERAL (
        SELECT pms.without_blanks(parse_corporate_actions.messages[o.ordinal]) AS doc OFFSET 0
    ) d
    OFFSET 0
),

read AS (
    SELECT
        l.*,
        pms.parse_time(l.effective_at) AS effective_at_read,
        -- A message has only the terms of its action: others would make it another one.
        (
            l.action_id, l.action, l.asset, pms.parse_time(l.effective_at),
            pms.parse_decimal(split_part(l.ratio, ':', 1)),
            pms.parse_decimal(CASE
                WHEN l.ratio LIKE '%:%' THEN substr(l.ratio, strpos(l.ratio, ':') + 1)
                WHEN l.ratio IS NOT NULL THEN '1'
            END),
            CASE WHEN l.action = 'rename' THEN l.to_asset END,
            CASE WHEN l.action = 'contract' THEN pms.parse_decimal(l.multiplier) END,
            CASE WHEN l.action = 'rename' THEN pms.parse_decimal(l.rate) END,
            CASE WHEN l.action = 'settlement' THEN pms.parse_decimal(l.price) END,
            CASE WHEN l.action = 'distribution' THEN pms.parse_decimal(l.amount) END,
            now(),
            parse_corporate_actions.source,
            l.trace_id
        )::pms.corporate_actions AS action_read
    FROM literal l
),

checked AS (
    SELECT
        r.*,
        coalesce(
            pms.objection('invalid_trace_id', 'trace_id', pms.check_printable(r.trace_id)),
            pms.objection(
                'invalid_action_id', 'action_id', pms.check_id(coalesce(r.action_id, ''))
            ),
            pms.objection('not_amendable', 'identity', CASE
                WHEN r.event_type = 'trade_corrected'
                    THEN 'an action cannot be corrected; bust it and send another one'
            END),
            CASE WHEN r.event_type = 'corporate_action' THEN coalesce(
                pms.objection('invalid_action', 'is_another', CASE
                    WHEN r.is_another NOT IN ('true', 'false') THEN 'must be true or false'
                END),
                pms.check_corporate_action(
                    r.action_read, r.rate, i.kind, pms.allows_negative_price(r.asset)
                ),
                -- What an asset is renamed to is defined by that.
                pms.objection('unknown_instrument', 'asset', CASE
                    WHEN s.unknown_instruments = 'refuse' THEN pms.check_defined(r.asset)
                END),
                pms.objection('invalid_time', 'effective_at', CASE
                    WHEN r.effective_at IS NULL THEN 'missing'
                    ELSE pms.check_time(r.effective_at, r.effective_at_read)
                END),
                pms.objection(
                    'time_in_future', 'effective_at',
                    pms.check_not_future(r.effective_at_read, now() + s.clock_skew_limit)
                )
            ) END,
            pms.archived_action(r.action_id, r.effective_at_read)
        ) AS objection
    FROM read r
    CROSS JOIN pms.settings s
    LEFT JOIN pms.instruments i ON r.asset = i.asset
)

SELECT
    c.ordinal,
    CASE WHEN c.objection IS NOT NULL THEN 'rejected' END,
    pms.objection_reason(c.objection),
    pms.objection_detail(c.objection),
    c.event_type <> 'corporate_action',
    c.is_another = 'true',
    c.action_read
FROM checked c
$$;

COMMENT ON FUNCTION pms.parse_corporate_actions IS
$$Corporate actions and their busts, one row per message

event_type corporate_action with action_id, action, asset, effective_at and the terms of the action:
ratio (split, rename, contract), to_asset and rate (rename), multiplier (contract), price
(settlement), amount (distribution), is_another; or trade_busted whose identity is
action:<action_id>. A row with an objection has its outcome, a reason code and a detail that names
the field.$$;
