CREATE OR REPLACE FUNCTION pms.examine_positions(
    keys pms.position_key[],
    sources text[],
    honor_adoption_delay boolean
)
RETURNS pms.examination[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_objection text;
    v_examined pms.examination[] := ARRAY[]::pms.examination[];
    v_key pms.position_key;
BEGIN
    BEGIN
        -- One statement: it sees rows and entries of the same moment, and locks nothing.
        RETURN ARRAY(
            SELECT (
                k,
                coalesce(array_agg(f::pms.finding) FILTER (WHERE f.account IS NOT NULL), '{}'),
                NULL
            )::pms.examination
            FROM unnest(keys) k
            LEFT JOIN (
                SELECT s.*
                FROM unnest(keys) u
                CROSS JOIN LATERAL pms.stored_row_findings(u.account, u.asset, u.mode) s
                WHERE 'stored_row' = ANY(sources)
                UNION ALL
                SELECT c.*
                FROM unnest(keys) u
                CROSS JOIN LATERAL pms.position_legs(u.mode) l
                CROSS JOIN LATERAL pms.checkpoint_findings(u.account, u.asset, u.mode, l.leg) c
                WHERE 'checkpoint' = ANY(sources)
                UNION ALL
                SELECT y.*
                FROM unnest(keys) u
                CROSS JOIN LATERAL pms.position_legs(u.mode) l
                CROSS JOIN LATERAL pms.key_findings(u.account, u.asset, u.mode, l.leg) y
                WHERE 'key' = ANY(sources)
                UNION ALL
                SELECT r.*
                FROM unnest(keys) u
                CROSS JOIN LATERAL pms.rule_findings(u.account, u.asset, u.mode) r
                WHERE 'rule' = ANY(sources)
                UNION ALL
                SELECT v.*
                FROM pms.venue_findings(
                    pms.compare_venue_reports(ARRAY(
                        SELECT (u.account, u.asset, u.mode, l.leg)::pms.leg_key
                        FROM unnest(keys) u
                        CROSS JOIN LATERAL pms.position_legs(u.mode) l
                        WHERE 'venue' = ANY(sources)
                    )),
                    honor_adoption_delay
                ) v
                WHERE NOT v.is_waiting
            ) f
                ON (k.account, k.asset, k.mode) = (f.account, f.asset, f.mode)
            GROUP BY k
            ORDER BY k
        );
    EXCEPTION
        -- An entry that cannot be valued.
        WHEN data_exception THEN
            v_objection := SQLERRM;
    END;

    IF cardinality(keys) = 1 THEN
        RETURN ARRAY[(keys[1], '{}', v_objection)::pms.examination];
    END IF;

    FOREACH v_key IN ARRAY keys
    LOOP
        v_examined := v_examined
            || pms.examine_positions(ARRAY[v_key], sources, honor_adoption_delay);
    END LOOP;
    RETURN v_examined;
END
$$;

COMMENT ON FUNCTION pms.examine_positions IS
$$The findings of positions by a list of sources, one examination each

sources: stored_row (the row against the fold of its entries), checkpoint, key (the entries against
the keys that find them), rule (an identity that every leg keeps), venue (its newest reports). A
position whose ledger cannot be folded has an objection and does not keep the others from being
examined. In the order of their keys.$$;
