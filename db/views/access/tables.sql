COMMENT ON TABLE pms.key_uses IS
'Use of each key, taken from the log of the gateway: a read writes nothing.';
COMMENT ON COLUMN pms.key_uses.requests IS 'Requests that the key authorized.';
COMMENT ON COLUMN pms.key_uses.last_used_from IS 'The address of the client.';

COMMENT ON TABLE pms.gateway_limits IS 'The rate limits that the gateway applies.';
COMMENT ON COLUMN pms.gateway_limits.applied IS
'Requests per minute by key id, and for address and open.';

COMMENT ON TABLE pms.api_keys IS 'Keys of REST clients. The key itself is never stored.';
COMMENT ON COLUMN pms.api_keys.id IS 'Names the key in logs and limits; no secret.';
COMMENT ON COLUMN pms.api_keys.digest IS 'sha256 of the whole key text.';
COMMENT ON COLUMN pms.api_keys.handle IS
'The part between pms_ and _ in the key; ? for a key of another form.';
COMMENT ON COLUMN pms.api_keys.fingerprint IS
'md5 of position-manager:<key>, by which the gateway, which has no sha256, recognizes the holder of
the key. Null: the key shares the limit of its address.';
COMMENT ON COLUMN pms.api_keys.tier IS 'Name of the rate limit.';
COMMENT ON COLUMN pms.api_keys.account_scope IS 'Accounts the key is limited to; null: all.';
COMMENT ON COLUMN pms.api_keys.session IS
'code: valid once, for a key that takes its place; key: of a page that was opened by one; null: of
a client.';
COMMENT ON COLUMN pms.api_keys.replaces IS 'The key that this one replaced by rotation.';

COMMENT ON TABLE pms.shard IS $$Which shard this database is, by which version of the map

No row: it has all accounts. See api.set_shard_map.$$;

COMMENT ON TABLE pms.shard_buckets IS
'The shard of each bucket of accounts, by pms.account_bucket; all 1000, or none without a map.';

COMMENT ON TABLE pms.pinned_accounts IS
'Accounts that are on another shard than their bucket, or stay when it moves.';
