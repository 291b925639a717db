-- A position is the fold of its entries; validation finds and corrects rows that differ.
\set ON_ERROR_STOP on
BEGIN;
SELECT plan(16);

-- The findings without their times.
CREATE FUNCTION pg_temp.without_times(answer jsonb) RETURNS jsonb LANGUAGE sql
RETURN answer - 'error_message' || jsonb_build_object('discrepancies', (
    SELECT jsonb_agg(jsonb_build_object(
        'kind', d.kind, 'leg', d.leg, 'field', d.field, 'ours', d.ours, 'theirs', d.theirs,
        'status', d.status
    ) ORDER BY d.field)
    FROM jsonb_to_recordset(answer -> 'discrepancies')
        AS d (kind text, leg text, field text, ours text, theirs text, status text)
));

SELECT count(*) FROM pms.apply_order_events(ARRAY(
    SELECT jsonb_build_object(
        'event_type', 'order_executed', 'order_id', f.id, 'execution_id', f.id, 'asset', f.asset,
        'side', f.side, 'execution_quantity', f.quantity, 'execution_price', f.price,
        'execution_fees', '0.5', 'executed_at', f.executed_at
    )
    FROM (
        VALUES
        ('a', 'ONE', 'buy', '2', '10', '2025-01-01T00:00:00Z'),
        ('b', 'ONE', 'buy', '1', '13', '2025-01-01T00:01:00Z'),
        ('c', 'ONE', 'sell', '1', '14', '2025-01-01T00:02:00Z'),
        ('d', 'LOST', 'buy', '4', '10', '2025-01-01T00:00:00Z')
    ) f (id, asset, side, quantity, price, executed_at)
));
DELETE FROM pms.outbox;

SELECT is(
    api.validate_position('one'),
    '{"is_valid": true, "error_message": null, "updated_position": null, "discrepancies": []}',
    'a sound position is valid and unchanged'
);

UPDATE pms.positions SET size = 7, version = 2 WHERE asset = 'ONE';

SELECT is(
    pg_temp.without_times(api.validate_position('ONE', fix_discrepancies => 'false')),
    '{"is_valid": false, "updated_position": null, "discrepancies": [
        {"kind": "stored_row", "leg": "net", "field": "size", "ours": "7", "theirs": "2",
         "status": "open"},
        {"kind": "stored_row", "leg": "net", "field": "version", "ours": "2", "theirs": "3",
         "status": "open"}
    ]}',
    'a row that is not the fold of its entries is found'
);
SELECT is(
    api.validate_position('ONE', fix_discrepancies => 'false') ->> 'error_message',
    'size of leg net is 7, by the ledger it is 2; version of leg net is 2, by the ledger it is 3',
    'and described in words'
);
SELECT results_eq(
    $$ SELECT p.size, p.version, p.needs_review FROM pms.positions p WHERE p.asset = 'ONE' $$,
    $$ VALUES (7::numeric, 2::bigint, TRUE) $$,
    'without fix_discrepancies nothing changes, and the position needs review'
);

SELECT is(
    pg_temp.without_times(api.validate_position('ONE')) - 'updated_position',
    '{"is_valid": true, "discrepancies": [
        {"kind": "stored_row", "leg": "net", "field": "size", "ours": "7", "theirs": "2",
         "status": "fixed"},
        {"kind": "stored_row", "leg": "net", "field": "version", "ours": "2", "theirs": "3",
         "status": "fixed"}
    ]}',
    'fix_discrepancies sets the row to the fold'
);
SELECT results_eq(
    $$ SELECT p.size, p.cost, p.realized, p.version FROM pms.positions p WHERE p.asset = 'ONE' $$,
    $$ VALUES (2::numeric, 22::numeric, 3::numeric, 4::bigint) $$,
    'and its version exceeds the number of entries by one'
);
SELECT results_eq(
    $$ SELECT o.type, o.payload ->> 'update_source', o.payload ->> 'size', o.payload ->> 'cause'
       FROM pms.outbox o $$,
    $$ VALUES ('position_restated', NULL, NULL, 'restore'),
              ('position_updated', 'validation', '2', NULL) $$,
    'and published to subscribers'
);

DELETE FROM pms.positions WHERE asset = 'LOST';

SELECT is(
    api.validate_position('LOST') #>> '{updated_position,size}', '4',
    'a lost row is rebuilt from its entries'
);
SELECT is(
    api.get_position('LOST') ->> 'average_entry_price', '10',
    'with all of its amounts'
);

-- The rules are checked independently of the fold.
UPDATE pms.entries e SET price = 20
FROM pms.find_entry('main', 'execution:a') f
WHERE e.id = f.id;
UPDATE pms.positions SET realized = realized + 1 WHERE asset = 'ONE';
SELECT results_eq(
    $$ SELECT d.kind, d.field, d.ours, d.theirs
       FROM pms.rule_findings('main', 'ONE', 'one-way') d $$,
    $$ VALUES ('rule', 'realized - cost', '-18', '-39') $$,
    'an amount that no entry explains is found'
);

SELECT is(
    api.validate_position('NEVER') ->> 'error_code', 'NOT_FOUND',
    'an unknown position cannot be validated'
);

-- An entry that cannot be valued
INSERT INTO pms.instruments (asset, kind) VALUES ('INV', 'inverse');
INSERT INTO pms.legs (account, asset, mode, leg) VALUES ('main', 'INV', 'one-way', 'net');
INSERT INTO pms.entries (
    leg_id, kind, scheme, identity, identity_key, quantity, price, version, executed_at,
    recorded_at, source
)
SELECT
    l.leg_id, 't', '-', 'x', pms.identity_key('main', 'x'), 1, 0, 1, now(), now(), 'a'
FROM pms.legs l
WHERE l.asset = 'INV';
SELECT is(
    api.validate_position('INV'),
    '{"is_valid": false, "error_message": "the ledger of this position cannot be folded",
      "updated_position": null, "discrepancies": []}',
    'an unfoldable ledger is reported, not an error'
);

SELECT results_eq(
    'SELECT s.total_validations, s.total_discrepancies, s.total_fixes, s.total_errors
     FROM pms.validation_statistics s',
    $$ VALUES (6::bigint, 12::bigint, 8::bigint, 1::bigint) $$,
    'all amounts are counted'
);

-- Snapshots
CREATE TEMP TABLE taken AS
SELECT api.create_snapshot('lost') AS snapshot;
SELECT is(
    (t.snapshot -> 'snapshot_data') - 'time_held_minutes',
    api.get_position('LOST')::jsonb - 'time_held_minutes',
    'a snapshot is every field of the position at that moment'
)
FROM taken t;
SELECT results_eq(
    $$ SELECT o.payload ->> 'snapshot_id', o.payload ->> 'size', o.payload ->> 'created_at',
           o.payload -> 'snapshot_data'
       FROM pms.outbox o WHERE o.type = 'position_snapshot_created' $$,
    $$ SELECT s.id::text, '4', pms.time_text(s.created_at), s.snapshot_data
       FROM api.snapshots s $$,
    'and published'
);
SELECT is(
    api.create_snapshot('NEVER') ->> 'error_code', 'NOT_FOUND',
    'a position never held has no snapshot'
);

SELECT * FROM finish();
ROLLBACK;
