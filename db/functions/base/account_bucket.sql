CREATE OR REPLACE FUNCTION pms.murmur_product(factor bigint)
RETURNS bigint
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
-- In two halves: the product of 32 bits and 31 bits does not fit into a bigint with a sign.
RETURN (
    (factor & 65535) * 1540483477 + ((((factor >> 16) * 1540483477) & 65535) << 16)
) & 4294967295;

COMMENT ON FUNCTION pms.murmur_product IS
'32 bits times the constant of MurmurHash2, in 32 bits.';

CREATE OR REPLACE FUNCTION pms.account_bucket(account text)
RETURNS integer
LANGUAGE plpgsql
IMMUTABLE
STRICT
PARALLEL SAFE
AS $$
DECLARE
    v_name CONSTANT bytea := convert_to(account, 'UTF8');
    v_length CONSTANT integer := octet_length(v_name);
    v_whole CONSTANT integer := v_length - v_length % 4;
    v_hash bigint := v_length;
    v_word bigint;
BEGIN
    FOR v_at IN 0..v_whole - 1 BY 4 LOOP
        v_word := pms.murmur_product(
            get_byte(v_name, v_at)
            | (get_byte(v_name, v_at + 1) << 8)
            | (get_byte(v_name, v_at + 2) << 16)
            | (get_byte(v_name, v_at + 3)::bigint << 24)
        );
        v_hash := pms.murmur_product(v_hash) # pms.murmur_product(v_word # (v_word >> 24));
    END LOOP;

    IF v_whole < v_length THEN
        v_word := 0;
        FOR v_at IN REVERSE v_length - 1..v_whole LOOP
            v_word := (v_word << 8) | get_byte(v_name, v_at);
        END LOOP;
        v_hash := pms.murmur_product(v_hash # v_word);
    END IF;

    v_hash := pms.murmur_product(v_hash # (v_hash >> 13));
    v_hash := v_hash # (v_hash >> 15);

    RETURN least(v_hash / 4294967, 999);
END
$$;

COMMENT ON FUNCTION pms.account_bucket IS
$$The bucket of an account, 0 to 999, by its name as it is stored

MurmurHash2 (32 bits, seed 0) of its UTF-8 bytes, divided as split_clients of nginx divides 999
parts of 0.1% and a rest: nginx rounds each part down to 4294967 values, and the rest is the last
bucket. It never changes; only the map from buckets to shards does. Source:
tests/bucket_vectors.json, made by nginx.$$;
