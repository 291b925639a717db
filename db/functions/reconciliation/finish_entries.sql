CREATE OR REPLACE FUNCTION pms.finish_entries(changed pms.changed_leg[], update_source text)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_flagged CONSTANT pms.leg_key[] := ARRAY(
        SELECT (c.account, c.asset, c.mode, c.leg)::pms.leg_key
        FROM unnest(changed) c
        WHERE c.needs_review
    );
    v_differing pms.leg_key[];
BEGIN
    IF v_flagged <> '{}' THEN
        PERFORM pms.settle_unread_fees(v_flagged);

        -- The change may have explained what an adjustment closed, or resolved a difference.
        PERFORM pms.settle_reviews(ARRAY(
            SELECT (v.account, v.asset, v.mode, v.leg, v.code, v.source, NULL)::pms.review
            FROM unnest(v_flagged) k
            INNER JOIN pms.reviews v
                ON (k.account, k.asset, k.mode, k.leg) = (v.account, v.asset, v.mode, v.leg)
            WHERE v.code = 'unknown_close'
                AND NOT EXISTS (
                    SELECT 1
                    FROM pms.standing_entry(v.account, v.source) e
                    WHERE e.closing_price IS NULL
                        AND pms.quantity_closed_by(e) <> 0
                )
        ));

        v_differing := ARRAY(
            SELECT k
            FROM unnest(v_flagged) k
            WHERE EXISTS (
                SELECT 1
                FROM pms.discrepancies d
                WHERE (d.account, d.asset, d.mode, d.leg) = (k.account, k.asset, k.mode, k.leg)
                    AND d.status = 'open'
            )
        );
    END IF;

    IF v_differing <> '{}' THEN
        PERFORM pms.record_discrepancies(
            ARRAY(
                SELECT f
                FROM pms.venue_findings(pms.compare_venue_reports(v_differing), TRUE) f
                WHERE NOT f.is_waiting
            ),
            ARRAY[]::pms.finding[], NULL,
            v_differing,
            '{size,average_price,adoption}',
            NULL
        );
    END IF;

    PERFORM pms.publish_position_events(changed, update_source);
END
$$;

COMMENT ON FUNCTION pms.finish_entries IS
$$Finish a change of the ledger: compare flagged legs with the venue, publish the positions

changed: the legs that pms.post_entries returned, still locked. Those of unread fees that are known
now no longer need review; those with an open discrepancy are compared with the venue again; none of
them is changed. Each changed position leaves one event in the outbox.$$;
