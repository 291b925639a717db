CREATE TYPE pms.argument AS (
    name text,
    kind text,
    literal text
);

COMMENT ON TYPE pms.argument IS $$An argument of a request

name: as the contract has it; kind: the rule of pms.parse_argument that it must keep.$$;

CREATE TYPE pms.arguments AS (
    given jsonb,
    value jsonb,
    objections jsonb
);

COMMENT ON TYPE pms.arguments IS $$The arguments of a request by name, parsed and checked

given: the literals; value: in canonical form, null when absent or out of range. objections: the
range that each argument is out of; null when all are in range.$$;

CREATE TYPE pms.command AS (
    name text,
    arguments jsonb,
    account text,
    actor text,
    trace_id text,
    request_key text,
    answer jsonb
);

COMMENT ON TYPE pms.command IS $$A command between its begin and its end

answer: the answer of an earlier request with the same Idempotency-Key, or a refusal of that header;
null: the command has to run. actor: the id of the API key, in plain SQL the role. request_key: the
Idempotency-Key that the answer is stored under.$$;
