-- The ledger stores one letter for each of its words; pms.ledger_entries has the words again. A
-- word without a letter gives null, which the table refuses.

CREATE OR REPLACE FUNCTION pms.kind_letter(word text)
RETURNS "char"
LANGUAGE sql
IMMUTABLE
RETURN CASE word
    WHEN 'trade' THEN 't'
    WHEN 'opening' THEN 'o'
    WHEN 'transfer' THEN 'x'
    WHEN 'adjustment' THEN 'a'
    WHEN 'funding' THEN 'f'
END::"char";

COMMENT ON FUNCTION pms.kind_letter IS 'The letter of a kind of entry.';

CREATE OR REPLACE FUNCTION pms.source_letter(word text)
RETURNS "char"
LANGUAGE sql
IMMUTABLE
RETURN CASE word
    WHEN 'order_execution' THEN 'e'
    WHEN 'api' THEN 'a'
    WHEN 'venue' THEN 'v'
    WHEN 'validation' THEN 'c'
    WHEN 'import' THEN 'i'
END::"char";

COMMENT ON FUNCTION pms.source_letter IS 'The letter of where an entry came from.';

CREATE OR REPLACE FUNCTION pms.identity_scheme(identity text)
RETURNS "char"
LANGUAGE sql
IMMUTABLE
RETURN CASE left(identity, strpos(identity, ':'))
    WHEN 'execution:' THEN 'e'
    WHEN 'order:' THEN 'o'
    WHEN 'event:' THEN 'v'
    WHEN 'fill:' THEN 'l'
    WHEN 'funding:' THEN 'f'
    WHEN 'correction:' THEN 'c'
    WHEN 'transfer:' THEN 'x'
    WHEN 'adjustment:' THEN 'a'
    WHEN 'adoption:' THEN 'p'
    WHEN 'import:' THEN 'i'
    ELSE '-'
END::"char";

COMMENT ON FUNCTION pms.identity_scheme IS
'How an identity is made, by its prefix, such as execution: from the execution id; else -.';

CREATE OR REPLACE FUNCTION pms.identity_key(account text, identity text)
RETURNS bigint
LANGUAGE sql
IMMUTABLE
RETURN hashtextextended(identity, hashtextextended(account, 0));

COMMENT ON FUNCTION pms.identity_key IS
$$The key by which an identity is found; compare the texts of what it finds

Salted with the account: the same execution id in two accounts has two keys.$$;

CREATE OR REPLACE FUNCTION pms.order_key(account text, order_id text)
RETURNS integer
LANGUAGE sql
IMMUTABLE
RETURN (hashtextextended(order_id, hashtextextended(account, 0)) >> 32)::integer;

COMMENT ON FUNCTION pms.order_key IS
'The key by which the entries of an order are found; compare the texts of what it finds.';
