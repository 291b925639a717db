CREATE OR REPLACE FUNCTION pms.shards_of(accounts text[])
RETURNS TABLE (account text, shard smallint)
LANGUAGE sql
STABLE
AS $$
SELECT n.account, coalesce(p.shard, b.shard)
FROM (
    -- A book is where its account is.
    SELECT DISTINCT a.account, pms.base_account(a.account) AS name
    FROM unnest(shards_of.accounts) a (account)
) n
LEFT JOIN pms.pinned_accounts p ON n.name = p.account
LEFT JOIN pms.shard_buckets b ON p.account IS NULL AND pms.account_bucket(n.name) = b.bucket
-- A longer text is no name: it is refused where it comes, and not hashed.
WHERE length(n.name) <= 64
$$;

COMMENT ON FUNCTION pms.shards_of IS $$The shard of each account, or book of one, by the map

accounts: as pms.account_name or pms.book_account returns them; null, and a text that is too long
for a name, is left out. A pinned account is where it is pinned, whatever its bucket. shard: null without a map.$$;

CREATE OR REPLACE FUNCTION pms.shard_of(account text)
RETURNS smallint
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN (SELECT n.shard FROM pms.shards_of(ARRAY[shard_of.account]) n);
END
$$;

COMMENT ON FUNCTION pms.shard_of IS 'The shard of one account: see pms.shards_of.';
