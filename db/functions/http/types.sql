-- Every argument of the contract's paths, read; a path sets those it has.
CREATE TYPE pms.arguments AS (
    account text,
    asset text,
    mode text,
    size_min numeric,
    size_max numeric,
    page_limit integer,
    page_offset integer,
    before bigint,
    from_time timestamptz,
    to_time timestamptz,
    as_of timestamptz,
    known_at timestamptz,
    include_positions boolean,
    fix_discrepancies boolean,
    id uuid,
    status text,
    note text,
    objections jsonb
);

COMMENT ON TYPE pms.arguments IS $$What a request asks for, read and checked

A field is null when its argument was absent. objections: what is wrong, by the name under which
the contract knows the argument; null when nothing is.$$;

CREATE TYPE pms.command AS (
    name text,
    arguments jsonb,
    account text,
    request_key text,
    answer jsonb
);

COMMENT ON TYPE pms.command IS $$A command between its begin and its answer

answer: what is to be answered at once, because the request was answered before or is refused; null:
it is to be done. request_key: the Idempotency-Key under which the answer is kept.$$;
