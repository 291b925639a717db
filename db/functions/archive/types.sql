CREATE TYPE pms.partition_counts AS (
    entries bigint,
    voids bigint,
    legs bigint,
    digest numeric
);

COMMENT ON TYPE pms.partition_counts IS $$What a partition of the ledger holds

voids: of its entries; digest: the sum of the hashes of the texts of all rows, which depends on each
digit and not on their order.$$;
