BEGIN;

CREATE TABLE pms.loaded_code (
    kind text NOT NULL,
    name text NOT NULL,
    digest text NOT NULL,

    CONSTRAINT loaded_code_pkey PRIMARY KEY (kind, name),
    CONSTRAINT loaded_code_kind_is_known
    CHECK (kind IN ('routine', 'view', 'type', 'notes'))
);

CREATE TABLE pms.detached_statements (
    id bigint GENERATED ALWAYS AS IDENTITY,
    statement text NOT NULL,

    CONSTRAINT detached_statements_pkey PRIMARY KEY (id)
);

COMMIT;
