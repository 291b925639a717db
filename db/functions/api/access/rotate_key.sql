CREATE OR REPLACE FUNCTION api.rotate_key(
    id text,
    new_id text,
    new_digest bytea,
    overlap interval DEFAULT '1 day',
    new_fingerprint bytea DEFAULT NULL
)
RETURNS api.keys
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    held pms.api_keys;
    created api.keys;
BEGIN
    SELECT k.*
    INTO held
    FROM pms.api_keys k
    WHERE k.id = rotate_key.id
        AND k.session IS NULL
        AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now())
    FOR UPDATE;

    IF NOT FOUND THEN
        RAISE SQLSTATE 'PT404' USING
            MESSAGE = format('no live key %s', rotate_key.id),
            HINT = 'Make a new one.';
    END IF;

    INSERT INTO pms.api_keys (
        id, digest, handle, fingerprint, role, name, tier, account_scope, replaces, expires_at
    )
    VALUES (
        rotate_key.new_id, rotate_key.new_digest, rotate_key.new_id, rotate_key.new_fingerprint,
        held.role, held.name, held.tier, held.account_scope, held.id, held.expires_at
    );

    UPDATE pms.api_keys k
    SET expires_at = least(k.expires_at, now() + greatest(rotate_key.overlap, interval '0'))
    WHERE k.id = rotate_key.id;

    SELECT k.* INTO STRICT created FROM api.keys k WHERE k.id = rotate_key.new_id;
    PERFORM pms.audit_command(
        'rotate_key',
        jsonb_build_object(
            'id', rotate_key.id,
            'new_id', rotate_key.new_id,
            'overlap', rotate_key.overlap
        )
    );
    RETURN created;
END
$$;

COMMENT ON FUNCTION api.rotate_key IS $$Replace a key by a new one

The new one may what the old one may, as long as it may. Both open for overlap; then the old one has
expired. new_digest: sha256 of the new key's text; new_fingerprint: as create_key takes it.

Refuses with:
- PT404 when there is no such key, it is revoked or expired already, or it is that of a page
- 23505 when new_id is taken$$;

GRANT EXECUTE ON FUNCTION api.rotate_key TO pms_operator;
