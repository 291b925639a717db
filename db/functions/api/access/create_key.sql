CREATE OR REPLACE FUNCTION api.create_key(
    id text,
    digest bytea,
    role text,
    name text,
    tier text DEFAULT 'default',
    account_scope text[] DEFAULT NULL,
    expires_at timestamptz DEFAULT NULL,
    fingerprint bytea DEFAULT NULL
)
RETURNS api.keys
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    created api.keys;
BEGIN
    INSERT INTO pms.api_keys (
        id, digest, handle, fingerprint, role, name, tier, account_scope, expires_at
    )
    VALUES (
        create_key.id, create_key.digest, create_key.id, create_key.fingerprint,
        create_key.role, create_key.name, create_key.tier,
        pms.named_scope(create_key.account_scope),
        create_key.expires_at
    );

    SELECT k.* INTO STRICT created FROM api.keys k WHERE k.id = create_key.id;
    PERFORM pms.audit_command(
        'create_key',
        jsonb_build_object(
            'id', create_key.id,
            'role', create_key.role,
            'name', create_key.name,
            'tier', create_key.tier,
            'account_scope', create_key.account_scope,
            'expires_at', create_key.expires_at
        )
    );
    RETURN created;
END
$$;

COMMENT ON FUNCTION api.create_key IS $$Let a key in

The caller makes the key, pms_<id>_<secret>, and passes only digest, the sha256 of the whole key.
role: reader, trader or operator. account_scope: the accounts it is bound to; null is all. expires_at: null is
never. fingerprint: the md5 of position-manager:<key>, for the gateway; without it the key has no
limit of its own and shares that of its address.

Refuses with:
- 23505 when the id is taken
- 23514 when a value is out of its range (the constraint names it)$$;

GRANT EXECUTE ON FUNCTION api.create_key TO pms_operator;
