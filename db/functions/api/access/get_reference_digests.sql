CREATE OR REPLACE FUNCTION api.get_reference_digests()
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
SET timezone = 'UTC'
SET datestyle = 'ISO'
AS $$
SELECT jsonb_build_object(
    'settings', (
        SELECT jsonb_object_agg(s.name, s.value)
        FROM pms.settings r
        CROSS JOIN LATERAL jsonb_each_text(to_jsonb(r) - 'only_row') s (name, value)
    ),
    'instruments', (
        SELECT coalesce(
            jsonb_object_agg(
                i.asset, md5((to_jsonb(i) - '{created_at, defined_at, is_assumed}'::text[])::text)
            ),
            '{}'
        )
        FROM pms.instruments i
        WHERE NOT i.is_assumed
    ),
    'aliases', (SELECT coalesce(jsonb_object_agg(a.alias, a.asset), '{}') FROM pms.instrument_aliases a),
    'corporate_actions', (
        SELECT coalesce(
            jsonb_object_agg(
                c.action_id, md5((to_jsonb(c) - '{recorded_at, source, trace_id}'::text[])::text)
            ),
            '{}'
        )
        FROM pms.corporate_actions c
    ),
    'keys', (
        SELECT coalesce(
            jsonb_object_agg(
                k.id,
                md5(concat_ws(
                    '|', encode(sha256(k.digest), 'hex'), k.role, k.tier, k.account_scope::text,
                    k.expires_at, k.revoked_at IS NOT NULL
                ))
            ),
            '{}'
        )
        FROM pms.api_keys k
        WHERE k.session IS NULL
    )
)
$$;

COMMENT ON FUNCTION api.get_reference_digests IS
$$What all shards have to have alike: by kind, the value or a digest of each thing by its name

{settings, instruments, aliases, corporate_actions, keys}. Settings and aliases are values, the rest
MD5 digests of what counts: not of when it was recorded. Instruments are those that somebody has
defined; of a key the digest gives nothing away. On the command line only.$$;

GRANT EXECUTE ON FUNCTION api.get_reference_digests TO pms_operator;
