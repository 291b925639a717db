COMMENT ON TABLE pms.key_uses IS
'How the keys were used, from the log of the gateway: nothing is written when somebody reads.';
COMMENT ON COLUMN pms.key_uses.requests IS 'That the key has opened something for.';
COMMENT ON COLUMN pms.key_uses.last_used_from IS 'The address of the client.';

COMMENT ON TABLE pms.gateway_limits IS 'The limits that the gateway was last told.';
COMMENT ON COLUMN pms.gateway_limits.applied IS
'Requests a minute by the id of a key, and of address and open.';

COMMENT ON TABLE pms.api_keys IS 'Who may ask over HTTP. The key itself is never stored.';
COMMENT ON COLUMN pms.api_keys.id IS 'Names the key in logs and limits; not a secret.';
COMMENT ON COLUMN pms.api_keys.digest IS 'sha256 of the whole key text.';
COMMENT ON COLUMN pms.api_keys.handle IS
'What stands between pms_ and _ in the key; ? when it is not made so.';
COMMENT ON COLUMN pms.api_keys.fingerprint IS
'By it the gateway, which cannot do sha256, tells the holder from who only knows the id: md5 of
position-manager:<key>. Null: the key shares the limit of its address.';
COMMENT ON COLUMN pms.api_keys.tier IS 'How many requests a minute it may make: a name of limits.';
COMMENT ON COLUMN pms.api_keys.account_scope IS 'The accounts it is bound to; null: all.';
COMMENT ON COLUMN pms.api_keys.replaces IS 'The key that this one was rotated from.';
