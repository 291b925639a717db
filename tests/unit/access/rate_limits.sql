-- The rate limit of a key: by its name, else its tier, else the default.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

INSERT INTO pms.api_keys (id, digest, handle, fingerprint, role, name, tier, expires_at, revoked_at)
SELECT
    k.id,
    sha256(k.id::bytea),
    k.id,
    CASE WHEN k.id <> 'unmarked' THEN decode(md5(k.id), 'hex') END,
    'reader',
    k.name,
    k.tier,
    k.expires_at,
    k.revoked_at
FROM (
    VALUES
    ('plain', 'somebody', 'default', NULL, NULL),
    ('strange', 'somebody', 'of-no-fame', NULL, NULL),
    ('model', 'model-service', 'model-service', NULL, NULL),
    ('risk', 'risk-manager', 'risk-manager', now() + interval '1 day', NULL),
    ('ui', 'page', 'ui', NULL, NULL),
    ('desk', 'desk', 'operator', NULL, NULL),
    ('unmarked', 'by hand', 'ui', NULL, NULL),
    ('expired', 'gone', 'ui', now(), NULL),
    ('revoked', 'gone', 'ui', NULL, now())
) k (id, name, tier, expires_at, revoked_at);

PREPARE limits AS
SELECT l.id, l.per_minute FROM api.rate_limits l WHERE l.id <> 'first';

SELECT set_eq(
    'limits',
    $$ VALUES ('plain', 100), ('strange', 100), ('model', 100), ('risk', 200), ('ui', 1000),
       ('desk', 6000), ('address', 100), ('open', 600) $$,
    'each live key that the gateway can know has its tier''s, and an address the default'
);
SELECT is(
    (SELECT l.burst FROM api.rate_limits l WHERE l.id = 'ui'), 200, 'the burst is a fifth of the limit'
);

UPDATE pms.settings
SET rate_limit_default = 700,
    rate_limit_overrides = '{"ui": 2000, "desk": 50, "of-no-fame": 7}';
SELECT set_eq(
    'limits',
    $$ VALUES ('plain', 700), ('strange', 7), ('model', 100), ('risk', 200), ('ui', 2000),
       ('desk', 50), ('address', 700), ('open', 700) $$,
    'an override applies to a tier, or to a key by its name'
);

UPDATE pms.settings SET rate_limit_overrides = '{"page": 3, "ui": 2000}';
SELECT is(
    (SELECT l.per_minute FROM api.rate_limits l WHERE l.id = 'ui'), 3,
    'an override by name takes precedence over the tier'
);
SELECT is(
    pms.gateway_limits_document() -> 'limits' -> 1,
    '{"id": "open", "per_minute": 700, "burst": 140, "concurrent": 6,
      "handle": null, "fingerprint": null}',
    'the gateway gets complete limits'
);

SELECT pms.record_gateway_limits('{"ui": 3, "address": 100}');
SELECT set_eq(
    $$ SELECT l.id, l.in_force FROM api.rate_limits l WHERE l.in_force IS NOT NULL $$,
    $$ VALUES ('ui', 3), ('address', 100) $$,
    'the limits in force are the last ones the gateway got'
);

UPDATE pms.settings SET rate_limit_enabled = FALSE;
SELECT is(
    pms.gateway_limits_document() -> 'limits' -> 1,
    '{"id": "open", "per_minute": null, "burst": null, "concurrent": 6,
      "handle": null, "fingerprint": null}',
    'with rate limits disabled the gateway limits concurrent requests only'
);
SELECT set_eq(
    'SELECT DISTINCT l.per_minute, l.burst, l.concurrent FROM api.rate_limits l',
    'VALUES (NULL::integer, NULL::integer, 6)',
    'of every key'
);
SELECT throws_ok(
    'UPDATE pms.settings SET rate_limit_default = 0', '23514', NULL, 'no limit is zero'
);

SELECT * FROM finish();
ROLLBACK;
