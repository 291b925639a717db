-- The ledger stores one letter for each of its words. A word without a letter gives null, which
-- the table refuses. Readers of the ledger's views have EXECUTE on what these call; without USAGE on
-- pms they cannot call it by name.

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

CREATE OR REPLACE FUNCTION pms.kind_word(letter "char")
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE letter
    WHEN 't' THEN 'trade'
    WHEN 'o' THEN 'opening'
    WHEN 'x' THEN 'transfer'
    WHEN 'a' THEN 'adjustment'
    WHEN 'f' THEN 'funding'
END;

COMMENT ON FUNCTION pms.kind_word IS 'The kind of entry that a letter stands for.';

GRANT EXECUTE ON FUNCTION pms.kind_word TO pms_reader, pms_trader, pms_operator, pms_analyst;

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

CREATE OR REPLACE FUNCTION pms.source_word(letter "char")
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE letter
    WHEN 'e' THEN 'order_execution'
    WHEN 'a' THEN 'api'
    WHEN 'v' THEN 'venue'
    WHEN 'c' THEN 'validation'
    WHEN 'i' THEN 'import'
END;

COMMENT ON FUNCTION pms.source_word IS 'Where an entry came from, by its letter.';

GRANT EXECUTE ON FUNCTION pms.source_word TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.scheme_prefix(scheme "char")
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE scheme
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
    WHEN '-' THEN ''
END;

COMMENT ON FUNCTION pms.scheme_prefix IS
$$The text that a scheme puts before the identity of an entry

A scheme says how identities of its kind are made, such as execution: from the execution id.$$;

GRANT EXECUTE ON FUNCTION pms.scheme_prefix TO pms_reader, pms_trader, pms_operator, pms_analyst;

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
'The scheme of an identity; - for one without a known prefix.';

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
