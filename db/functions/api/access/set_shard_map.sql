CREATE OR REPLACE FUNCTION pms.is_whole(literal jsonb, least_value bigint, greatest_value bigint)
RETURNS boolean
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    RETURN CASE
        WHEN jsonb_typeof(literal) = 'number'
            THEN literal::numeric BETWEEN least_value AND greatest_value
                AND literal::numeric = trunc(literal::numeric)
        ELSE FALSE
    END;
END
$$;

COMMENT ON FUNCTION pms.is_whole IS 'Whether a JSON value is a whole number within bounds.';

CREATE OR REPLACE FUNCTION pms.buckets_objection(buckets jsonb)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    v_wrong jsonb;
    v_bucket integer;
    v_times bigint;
BEGIN
    IF jsonb_typeof(buckets) IS DISTINCT FROM 'array' THEN
        RETURN 'buckets: must be an array of [from, to, shard]';
    END IF;

    SELECT r.part
    INTO v_wrong
    FROM jsonb_array_elements(buckets) WITH ORDINALITY r (part, place)
    WHERE CASE
        WHEN jsonb_typeof(r.part) <> 'array' OR jsonb_array_length(r.part) <> 3 THEN TRUE
        WHEN pms.is_whole(r.part -> 0, 0, 999) AND pms.is_whole(r.part -> 1, 0, 999)
            AND pms.is_whole(r.part -> 2, 0, 999)
            THEN (r.part -> 0)::integer > (r.part -> 1)::integer
        ELSE TRUE
    END
    ORDER BY r.place
    LIMIT 1;
    IF FOUND THEN
        RETURN format(
            'buckets: must be [from, to, shard], whole numbers from 0 to 999, not %s',
            left(v_wrong::text, 64)
        );
    END IF;

    SELECT b.bucket, count(r.part)
    INTO v_bucket, v_times
    FROM generate_series(0, 999) b (bucket)
    LEFT JOIN jsonb_array_elements(buckets) r (part)
        ON b.bucket BETWEEN (r.part -> 0)::integer AND (r.part -> 1)::integer
    GROUP BY b.bucket
    HAVING count(r.part) <> 1
    ORDER BY b.bucket
    LIMIT 1;
    IF FOUND THEN
        RETURN format(
            'buckets: must have each of 0 to 999 once; %s is there %s times', v_bucket, v_times
        );
    END IF;

    RETURN NULL;
END
$$;

COMMENT ON FUNCTION pms.buckets_objection IS
'The first objection to the buckets of a map, which must be there once each, or null.';

CREATE OR REPLACE FUNCTION pms.shard_map_objection(map jsonb)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    v_name text;
BEGIN
    IF jsonb_typeof(map) IS DISTINCT FROM 'object' THEN
        RETURN 'map: must be an object';
    END IF;

    v_name := (
        SELECT m.key
        FROM jsonb_object_keys(map) m (key)
        WHERE m.key NOT IN ('version', 'shard', 'buckets', 'pinned')
        ORDER BY m.key
        LIMIT 1
    );
    IF v_name IS NOT NULL THEN
        RETURN left(v_name, 64) || ': unknown field';
    END IF;

    IF NOT pms.is_whole(map -> 'version', 1, 999999999999) THEN
        RETURN 'version: must be a whole number from 1 to 999999999999';
    END IF;

    IF NOT pms.is_whole(map -> 'shard', 0, 999) THEN
        RETURN 'shard: must be a whole number from 0 to 999';
    END IF;

    IF map ? 'pinned' THEN
        IF jsonb_typeof(map -> 'pinned') <> 'object' THEN
            RETURN 'pinned: must be an object, of the shard by account';
        END IF;

        v_name := (
            SELECT p.key
            FROM jsonb_each(map -> 'pinned') p
            WHERE pms.check_account(p.key) IS NOT NULL
                OR pms.account_name(p.key) <> p.key
                OR NOT pms.is_whole(p.value, 0, 999)
            ORDER BY p.key
            LIMIT 1
        );
        IF v_name IS NOT NULL THEN
            RETURN format(
                'pinned: %s must be the name of an account, of a whole number from 0 to 999',
                left(v_name, 64)
            );
        END IF;
    END IF;

    RETURN pms.buckets_objection(map -> 'buckets');
END
$$;

COMMENT ON FUNCTION pms.shard_map_objection IS
'The first objection to a map of shards, by the name of its field, or null.';

CREATE OR REPLACE FUNCTION api.get_shard_map()
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT jsonb_build_object(
    'version', (SELECT s.map_version FROM pms.shard s),
    'shard', (SELECT s.shard FROM pms.shard s),
    'buckets', (
        SELECT coalesce(
            jsonb_agg(jsonb_build_array(r.since, r.until, r.shard) ORDER BY r.since), '[]'
        )
        FROM (
            SELECT min(b.bucket) AS since, max(b.bucket) AS until, b.shard
            FROM (
                SELECT
                    u.bucket, u.shard,
                    u.bucket - row_number() OVER (PARTITION BY u.shard ORDER BY u.bucket) AS run
                FROM pms.shard_buckets u
            ) b
            GROUP BY b.shard, b.run
        ) r
    ),
    'pinned', (
        SELECT coalesce(jsonb_object_agg(p.account, p.shard), '{}') FROM pms.pinned_accounts p
    )
)
$$;

COMMENT ON FUNCTION api.get_shard_map IS
$$The map of accounts to shards, as api.set_shard_map takes it

{version, shard, buckets, pinned}; version and shard are null where there is no map: this database
has all accounts. On the command line only.$$;

GRANT EXECUTE ON FUNCTION api.get_shard_map TO pms_operator;

CREATE OR REPLACE FUNCTION api.set_shard_map(map jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
-- What waits for this lock must not wait long.
SET lock_timeout = '2s'
AS $$
DECLARE
    v_objection CONSTANT text := pms.shard_map_objection(map);
    v_before jsonb;
    v_answer jsonb;
BEGIN
    IF v_objection IS NOT NULL THEN
        RAISE SQLSTATE 'PT400' USING MESSAGE = v_objection;
    END IF;

    -- Waits for the requests and batches that have read the map, and holds up those that will: what
    -- one map has accepted is committed before another one counts.
    LOCK TABLE pms.shard IN EXCLUSIVE MODE;
    LOCK TABLE pms.amendments IN EXCLUSIVE MODE;
    v_before := api.get_shard_map();

    IF (map -> 'shard') <> (v_before -> 'shard') AND v_before -> 'shard' <> 'null' THEN
        RAISE SQLSTATE 'PT409' USING MESSAGE = format(
            'shard: this is shard %s, and the map is for %s', v_before -> 'shard', map -> 'shard'
        );
    END IF;

    IF (map -> 'version')::numeric < (v_before ->> 'version')::numeric THEN
        RAISE SQLSTATE 'PT409' USING MESSAGE = format(
            'version: must not be below %s, which is set', v_before -> 'version'
        );
    END IF;

    DELETE FROM pms.shard_buckets;
    INSERT INTO pms.shard_buckets (bucket, shard)
    SELECT b.bucket, (r.part -> 2)::smallint
    FROM jsonb_array_elements(map -> 'buckets') r (part)
    CROSS JOIN LATERAL generate_series((r.part -> 0)::integer, (r.part -> 1)::integer) b (bucket);

    DELETE FROM pms.pinned_accounts;
    INSERT INTO pms.pinned_accounts (account, shard)
    SELECT p.key, p.value::smallint
    FROM jsonb_each(coalesce(map -> 'pinned', '{}')) p;

    INSERT INTO pms.shard AS s (shard, map_version)
    VALUES ((map -> 'shard')::smallint, (map -> 'version')::bigint)
    ON CONFLICT ON CONSTRAINT shard_pkey DO UPDATE
    SET map_version = excluded.map_version,
        set_at = CASE
            WHEN s.map_version = excluded.map_version THEN s.set_at ELSE excluded.set_at
        END;

    v_answer := api.get_shard_map();
    IF v_answer = v_before THEN
        RETURN v_answer;
    END IF;

    IF v_answer -> 'version' = v_before -> 'version' THEN
        RAISE SQLSTATE 'PT409' USING MESSAGE = format(
            'version: %s is set with another map', v_before -> 'version'
        );
    END IF;

    PERFORM pms.audit_command('set_shard_map', v_answer);
    RETURN v_answer;
END
$$;

COMMENT ON FUNCTION api.set_shard_map IS
$$Say which shard has which accounts, and which shard this is

map: {version, shard, buckets: [[from, to, shard], ...], pinned: {account: shard}}, as
api.get_shard_map answers it, which is the answer here as well. shard: the number of this database,
once and for all; pinned may be left out. From the commit on, messages of accounts that another shard
has come back as misdirected, and requests about them are refused with 421. Nothing moves. The same
map again changes nothing. On the command line only.

Refuses with:
- 400 and the name of the field when the map has another form, or a bucket is not there once
- 409 when its version is lower than the present one, or the present one with another map, or it is
  that of another shard$$;

GRANT EXECUTE ON FUNCTION api.set_shard_map TO pms_operator;
