CREATE OR REPLACE FUNCTION pms.fee_is_unread(account text, identity text)
RETURNS boolean
LANGUAGE sql
STABLE
AS $$
SELECT NOT EXISTS (
    SELECT 1
    FROM pms.amendments a
    WHERE a.account = fee_is_unread.account
        AND a.amends = fee_is_unread.identity
        AND a.cause = 'bust'
)
-- Of several corrections the newest counts.
AND (
    SELECT a.fee
    FROM pms.amendments a
    WHERE a.account = fee_is_unread.account
        AND a.amends = fee_is_unread.identity
    ORDER BY a.amended_at DESC, a.identity DESC
    LIMIT 1
) IS NULL
AND NOT EXISTS (
    SELECT 1
    FROM pms.find_entry(fee_is_unread.account, fee_is_unread.identity) e
    CROSS JOIN LATERAL pms.entries_of_order(e.account, e.order_id) t
    WHERE e.scheme = 'o'
        AND t.scheme = 'o'
        AND t.id > e.id
        AND t.fee <> 0
)
$$;

COMMENT ON FUNCTION pms.fee_is_unread IS
$$Whether an entry still lacks the fee that its message should have given

A bust settles it, so does the newest correction when it gives a fee, and a later total of the order
that has one.$$;

CREATE OR REPLACE FUNCTION pms.flag_unread_fees(events pms.order_event[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.raise_reviews(ARRAY(
        SELECT (
            e.account, e.asset, e.mode, e.leg, 'unread_fee', e.identity, e.detail
        )::pms.review
        FROM unnest(flag_unread_fees.events) e
        WHERE e.outcome IS NULL
            AND e.reason = 'unread_fee'
            AND pms.fee_is_unread(e.account, e.identity)
    ));
END
$$;

COMMENT ON FUNCTION pms.flag_unread_fees IS $$Flag the legs of fills that count without their fee

events: classified, and posted.$$;

CREATE OR REPLACE FUNCTION pms.settle_unread_fees(keys pms.leg_key[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.settle_reviews(ARRAY(
        SELECT (v.account, v.asset, v.mode, v.leg, v.code, v.source, NULL)::pms.review
        FROM unnest(settle_unread_fees.keys) k
        INNER JOIN pms.reviews v
            ON (k.account, k.asset, k.mode, k.leg) = (v.account, v.asset, v.mode, v.leg)
        WHERE v.code = 'unread_fee'
            AND NOT pms.fee_is_unread(v.account, v.source)
    ));
END
$$;

COMMENT ON FUNCTION pms.settle_unread_fees IS
'Take back the reasons for review of fees that are known now. The legs must be locked.';
