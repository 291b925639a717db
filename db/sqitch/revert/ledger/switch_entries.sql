BEGIN;

ALTER TABLE pms.positions DROP COLUMN leg_id;

ALTER TABLE pms.entries RENAME TO narrow_entries;

ALTER SEQUENCE pms.entry_ids OWNED BY NONE;

ALTER INDEX pms.entries_leg_idx RENAME TO narrow_entries_leg_idx;
ALTER INDEX pms.entries_order_idx RENAME TO narrow_entries_order_idx;
ALTER INDEX pms.entries_total_idx RENAME TO narrow_entries_total_idx;
ALTER INDEX pms.entries_unconverted_idx RENAME TO narrow_entries_unconverted_idx;
ALTER INDEX pms.entries_pkey RENAME TO narrow_entries_pkey;
ALTER INDEX pms.entries_identity_key RENAME TO narrow_entries_identity_key;

CREATE TABLE pms.entries (
    account text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    kind text NOT NULL,
    identity text NOT NULL,
    order_id text,
    quantity numeric NOT NULL,
    price numeric,
    fee numeric NOT NULL DEFAULT 0,
    fee_currency text,
    fee_native numeric,
    fee_rate numeric,
    amount numeric,
    realized numeric,
    version bigint NOT NULL,
    amends text,
    cause text,
    counter_account text,
    executed_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    source text NOT NULL,
    trace_id text,

    CONSTRAINT entries_pkey PRIMARY KEY (account, id),
    CONSTRAINT entries_leg_fits_mode CHECK (
        (mode = 'one-way' AND leg = 'net') OR (mode = 'hedge' AND leg IN ('long', 'short'))
    ),
    CONSTRAINT entries_kind_is_known
    CHECK (kind IN ('trade', 'opening', 'transfer', 'adjustment', 'funding')),
    CONSTRAINT entries_trade_has_quantity
    CHECK (kind NOT IN ('trade', 'transfer') OR quantity <> 0),
    -- With nothing held there may be something that was earned.
    CONSTRAINT entries_opening_opens
    CHECK (kind <> 'opening' OR quantity <> 0 OR realized IS NOT NULL),
    CONSTRAINT entries_trade_has_value
    CHECK (kind NOT IN ('trade', 'opening', 'transfer') OR price IS NOT NULL OR amount IS NOT NULL),
    CONSTRAINT entries_cash_has_amount
    CHECK (kind NOT IN ('adjustment', 'funding') OR amount IS NOT NULL),
    -- Of nothing nothing is left to cost.
    CONSTRAINT entries_statement_is_whole CHECK (
        kind NOT IN ('opening', 'adjustment') OR (fee = 0 AND (quantity <> 0 OR amount = 0))
    ),
    CONSTRAINT entries_opening_carries_over CHECK (realized IS NULL OR kind = 'opening'),
    CONSTRAINT entries_cause_is_known
    CHECK (cause IN ('venue_average', 'venue_size', 'adoption', 'import')),
    CONSTRAINT entries_quantity_in_range CHECK (abs(quantity) < 1e20 AND scale(quantity) <= 18),
    CONSTRAINT entries_price_in_range CHECK (abs(price) < 1e20 AND scale(price) <= 18),
    CONSTRAINT entries_fee_in_range CHECK (abs(fee) < 1e20 AND scale(fee) <= 18),
    CONSTRAINT entries_amount_is_finite CHECK (abs(amount) < 'Infinity'),
    CONSTRAINT entries_realized_is_finite CHECK (abs(realized) < 'Infinity'),
    CONSTRAINT entries_fee_native_in_range
    CHECK (abs(fee_native) < 1e20 AND scale(fee_native) <= 18),
    CONSTRAINT entries_fee_rate_not_negative CHECK (fee_rate >= 0 AND fee_rate < 'Infinity')
);

INSERT INTO pms.entries (
    account, id, asset, mode, leg, kind, identity, order_id, quantity, price, fee, fee_currency,
    fee_native, fee_rate, amount, realized, version, amends, cause, counter_account, executed_at,
    recorded_at, source, trace_id
)
OVERRIDING SYSTEM VALUE
SELECT
    l.account,
    n.id,
    l.asset,
    l.mode,
    l.leg,
    CASE n.kind
        WHEN 't' THEN 'trade'
        WHEN 'o' THEN 'opening'
        WHEN 'x' THEN 'transfer'
        WHEN 'a' THEN 'adjustment'
        WHEN 'f' THEN 'funding'
    END AS kind,
    CASE n.scheme
        WHEN 'e' THEN 'execution:'
        WHEN 'o' THEN 'order:'
        WHEN 'v' THEN 'event:'
        WHEN 'l' THEN 'fill:'
        WHEN 'f' THEN 'funding:'
        WHEN 'c' THEN 'correction:'
        WHEN 'x' THEN 'transfer:'
        WHEN 'a' THEN 'adjustment:'
        WHEN 'p' THEN 'adoption:'
        WHEN 'i' THEN 'import:'
        ELSE ''
    END || n.identity AS identity,
    n.order_id,
    n.quantity,
    n.price,
    n.fee,
    n.fee_currency,
    n.fee_native,
    n.fee_rate,
    n.amount,
    n.realized,
    n.version,
    n.amends,
    n.cause,
    n.counter_account,
    n.executed_at,
    n.recorded_at,
    CASE n.source
        WHEN 'e' THEN 'order_execution'
        WHEN 'a' THEN 'api'
        WHEN 'v' THEN 'venue'
        WHEN 'c' THEN 'validation'
        WHEN 'i' THEN 'import'
    END AS source,
    n.trace_id
FROM pms.narrow_entries n
INNER JOIN pms.legs l ON n.leg_id = l.leg_id;

SELECT setval('pms.entries_id_seq', s.last_value, s.is_called)
FROM pms.entry_ids s;

CREATE INDEX entries_leg_in_event_order_idx
ON pms.entries (account, asset, mode, leg, executed_at, id);

CREATE INDEX entries_order_idx ON pms.entries ((account || '/' || order_id))
WHERE identity NOT LIKE 'order:%';

CREATE INDEX entries_total_idx ON pms.entries ((account || '/' || order_id))
WHERE identity LIKE 'order:%';

CREATE INDEX entries_unconverted_idx ON pms.entries (account, asset, mode, leg)
WHERE fee_native IS NOT NULL AND fee_rate IS NULL;

ALTER TABLE pms.entries ADD CONSTRAINT entries_identity_key UNIQUE (account, identity);

CREATE INDEX entries_id_idx ON pms.entries (id);

ALTER TABLE pms.voids ADD COLUMN account text;

UPDATE pms.voids v
SET account = e.account
FROM pms.entries e
WHERE v.entry_id = e.id;

ALTER TABLE pms.voids
ALTER COLUMN account SET NOT NULL,
DROP CONSTRAINT voids_pkey,
ADD CONSTRAINT voids_pkey PRIMARY KEY (account, entry_id),
ADD CONSTRAINT voids_entry_fkey FOREIGN KEY (account, entry_id)
REFERENCES pms.entries (account, id);

CREATE VIEW pms.converted_entries AS
SELECT
    e.id,
    e.executed_at,
    e.recorded_at,
    e.version,
    hashtextextended(e.identity, hashtextextended(e.account, 0)) AS identity_key,
    l.leg_id,
    (hashtextextended(e.order_id, hashtextextended(e.account, 0)) >> 32)::integer AS order_key,
    0::smallint AS occurrence,
    CASE e.kind
        WHEN 'trade' THEN 't'
        WHEN 'opening' THEN 'o'
        WHEN 'transfer' THEN 'x'
        WHEN 'adjustment' THEN 'a'
        WHEN 'funding' THEN 'f'
    END::"char" AS kind,
    coalesce(s.scheme, '-')::"char" AS scheme,
    CASE e.source
        WHEN 'order_execution' THEN 'e'
        WHEN 'api' THEN 'a'
        WHEN 'venue' THEN 'v'
        WHEN 'validation' THEN 'c'
        WHEN 'import' THEN 'i'
    END::"char" AS source,
    e.quantity,
    e.price,
    e.fee,
    CASE
        WHEN s.scheme IS NULL THEN e.identity
        ELSE substr(e.identity, strpos(e.identity, ':') + 1)
    END AS identity,
    e.order_id,
    e.trace_id,
    e.fee_currency,
    e.fee_native,
    e.fee_rate,
    e.amount,
    e.realized,
    e.amends,
    e.cause,
    e.counter_account
FROM pms.entries e
INNER JOIN pms.legs l
    ON (e.account, e.asset, e.mode, e.leg) = (l.account, l.asset, l.mode, l.leg)
LEFT JOIN (
    VALUES
    ('execution:', 'e'),
    ('order:', 'o'),
    ('event:', 'v'),
    ('fill:', 'l'),
    ('funding:', 'f'),
    ('correction:', 'c'),
    ('transfer:', 'x'),
    ('adjustment:', 'a'),
    ('adoption:', 'p'),
    ('import:', 'i')
) s (prefix, scheme)
    ON left(e.identity, strpos(e.identity, ':')) = s.prefix;

COMMIT;
