CREATE TYPE pms.transfer AS (
    transfer_id text,
    asset text,
    mode text,
    leg text,
    from_account text,
    to_account text,
    quantity numeric,
    price numeric,
    objections jsonb
);

COMMENT ON TYPE pms.transfer IS $$A transfer as it is asked for, read and checked

price: null is at cost. objections: what is wrong, by field; null when nothing is.$$;
