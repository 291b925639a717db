CREATE OR REPLACE FUNCTION pms.position_findings(
    keys pms.position_key[],
    sources text[],
    honor_adoption_delay boolean
)
RETURNS SETOF pms.finding
LANGUAGE sql
STABLE
AS $$
SELECT f.*
FROM unnest(keys) k
CROSS JOIN LATERAL pms.stored_row_findings(k.account, k.asset, k.mode) f
WHERE 'stored_row' = ANY(sources)
UNION ALL
SELECT f.*
FROM unnest(keys) k
CROSS JOIN LATERAL pms.checkpoint_findings(k.account, k.asset, k.mode) f
WHERE 'checkpoint' = ANY(sources)
UNION ALL
SELECT f.*
FROM unnest(keys) k
CROSS JOIN LATERAL pms.rule_findings(k.account, k.asset, k.mode) f
WHERE 'rule' = ANY(sources)
UNION ALL
SELECT f.*
FROM pms.venue_findings(
    ARRAY(
        SELECT (k.account, k.asset, k.mode, l.leg)::pms.leg_key
        FROM unnest(keys) k
        CROSS JOIN LATERAL pms.position_legs(k.mode) l
    ),
    honor_adoption_delay
) f
WHERE 'venue' = ANY(sources)
    AND NOT f.is_waiting
$$;

COMMENT ON FUNCTION pms.position_findings IS $$Where positions differ from their sources

The one list of sources: stored_row (the row against the fold of its entries), checkpoint, rule (an
identity that every leg keeps) and venue (its newest reports). A source that is not in `sources` is
not read. Raises class 22 when an entry cannot be valued.$$;

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
                k, coalesce(array_agg(f) FILTER (WHERE f.account IS NOT NULL), '{}'), NULL
            )::pms.examination
            FROM unnest(keys) k
            LEFT JOIN pms.position_findings(keys, sources, honor_adoption_delay) f
                ON k.account = f.account AND k.asset = f.asset AND k.mode = f.mode
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

COMMENT ON FUNCTION pms.examine_positions IS $$The findings of positions, one examination each

A position whose ledger cannot be folded has an objection and does not keep the others from being
examined. In the order of their keys.$$;
