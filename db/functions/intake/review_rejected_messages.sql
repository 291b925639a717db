CREATE OR REPLACE FUNCTION pms.rejection_review_code(feed text)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE feed WHEN 'venue_positions' THEN 'rejected_report' ELSE 'rejected_message' END;

COMMENT ON FUNCTION pms.rejection_review_code IS
'The reason for review that a rejected message of a feed is.';

CREATE OR REPLACE FUNCTION pms.review_rejected_messages(keys pms.leg_key[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    -- Counted no further: a flood of rejects must not make each of them slow.
    c_most CONSTANT integer := 1000;
    v_found CONSTANT pms.review[] := ARRAY(
        SELECT (
            k.account, k.asset, k.mode, k.leg, c.code, l.ids[1],
            CASE
                WHEN cardinality(l.ids) = 1 THEN l.details[1]
                ELSE format(
                    '%s messages%s; the first: %s', cardinality(l.ids),
                    CASE WHEN cardinality(l.ids) = c_most THEN ' or more' ELSE '' END,
                    l.details[1]
                )
            END
        )::pms.review
        FROM unnest(review_rejected_messages.keys) k
        CROSS JOIN unnest('{rejected_message,rejected_report}'::text[]) c (code)
        CROSS JOIN LATERAL (
            SELECT
                array_agg(m.id ORDER BY m.id) AS ids,
                array_agg(concat_ws(': ', m.reason, m.detail) ORDER BY m.id) AS details
            FROM (
                SELECT r.id, r.reason, r.detail
                FROM pms.rejected_messages r
                -- A corporate action is of all accounts.
                WHERE r.account IN (k.account, '*')
                    AND r.asset = k.asset
                    AND r.review_code = c.code
                    AND (r.mode IS NULL OR (r.mode, r.leg) = (k.mode, k.leg))
                    -- A conflict is a reason of its own.
                    AND NOT EXISTS (
                        SELECT 1
                        FROM pms.conflicts f
                        WHERE f.id = r.conflict_id
                            AND f.asset IS NOT NULL
                    )
                ORDER BY r.id
                LIMIT c_most
            ) m
        ) l
        WHERE l.ids IS NOT NULL
    );
BEGIN
    PERFORM pms.raise_reviews(v_found);
    PERFORM pms.settle_reviews(ARRAY(
        SELECT (v.account, v.asset, v.mode, v.leg, v.code, v.source, NULL)::pms.review
        FROM unnest(review_rejected_messages.keys) k
        INNER JOIN pms.reviews v
            ON (k.account, k.asset, k.mode, k.leg) = (v.account, v.asset, v.mode, v.leg)
        WHERE v.code IN ('rejected_message', 'rejected_report')
            AND NOT EXISTS (
                SELECT 1
                FROM unnest(v_found) f
                WHERE (f.account, f.asset, f.mode, f.leg, f.code, f.source)
                    = (v.account, v.asset, v.mode, v.leg, v.code, v.source)
            )
    ));
END
$$;

COMMENT ON FUNCTION pms.review_rejected_messages IS
$$Flag legs for the rejected messages that name them, and for no others

The legs must be locked. One reason for each code, with the oldest message as its source: however
many there are, a leg has two rows.$$;

CREATE OR REPLACE FUNCTION pms.replace_rejected_reports(keys pms.leg_key[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF replace_rejected_reports.keys = '{}' THEN
        RETURN;
    END IF;

    UPDATE pms.rejected_messages r
    SET account = NULL,
        asset = NULL,
        mode = NULL,
        leg = NULL,
        review_code = NULL
    FROM unnest(replace_rejected_reports.keys) k
    WHERE r.account = k.account
        AND r.asset = k.asset
        AND r.review_code = 'rejected_report'
        AND (r.mode IS NULL OR (r.mode, r.leg) = (k.mode, k.leg));

    PERFORM pms.review_rejected_messages(replace_rejected_reports.keys);
END
$$;

COMMENT ON FUNCTION pms.replace_rejected_reports IS
$$Settle the rejected reports of legs, which have a newer one

They stay among the dead letters, and flag no position any more. The legs must be locked.$$;
