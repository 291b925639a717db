BEGIN;

CREATE TABLE pms.portfolio_readings (
    reader text NOT NULL,
    read_at timestamptz NOT NULL,
    seen_before xid8 NOT NULL,
    row_count bigint NOT NULL,

    CONSTRAINT portfolio_readings_pkey PRIMARY KEY (reader),
    CONSTRAINT portfolio_readings_reader_is_known
    CHECK (reader IN ('announcement', 'history', 'limits'))
);

COMMIT;
