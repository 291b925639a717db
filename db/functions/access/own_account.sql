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
for a name, is left out. A pinned account is where it is pinned, whatever its bucket. shard: null
without a map.$$;

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

CREATE OR REPLACE FUNCTION pms.other_shard(account text)
RETURNS smallint
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN (
        SELECT n.shard
        FROM pms.shard s
        -- Only where there is a map, and once (ADR 0002).
        CROSS JOIN LATERAL (SELECT pms.shard_of(other_shard.account) AS shard OFFSET 0) n
        WHERE n.shard <> s.shard
    );
END
$$;

COMMENT ON FUNCTION pms.other_shard IS
'The shard that has an account; null when it is this one, or there is no map.';

CREATE OR REPLACE FUNCTION pms.misdirected(ordinals integer[], accounts text[], trace_ids text[])
RETURNS pms.outcome[]
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN ARRAY(
        SELECT (u.ordinal, 'misdirected', NULL, n.shard::text, u.trace_id)::pms.outcome
        FROM unnest(ordinals, accounts, trace_ids) u (ordinal, account, trace_id)
        INNER JOIN pms.shards_of(accounts) n ON u.account = n.account
        INNER JOIN pms.shard s ON n.shard <> s.shard
        ORDER BY u.ordinal
    );
END
$$;

COMMENT ON FUNCTION pms.misdirected IS
$$The outcomes of the messages of a batch whose accounts another shard has

misdirected, without a reason; detail: the number of that shard. ordinals, accounts, trace_ids: of
the messages that concern an account.$$;

-- Volatile: it waits for a map that is being set, and then reads that one. A backup, which only
-- reads, holds up no map.
CREATE OR REPLACE FUNCTION pms.require_own_accounts(accounts text[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_own smallint;
    v_trace_id text;
    v_shards smallint[];
    v_places text[];
    v_is_of_one boolean;
    v_message text;
    v_details jsonb;
BEGIN
    LOCK TABLE pms.shard IN ROW SHARE MODE;
    SELECT s.shard INTO v_own FROM pms.shard s;
    IF v_own IS NULL THEN
        RETURN;
    END IF;

    SELECT
        array_agg(DISTINCT n.shard),
        array_agg(format('%s on %s', n.account, n.shard) ORDER BY n.account),
        jsonb_object_agg(n.account, n.shard)
    INTO v_shards, v_places, v_details
    FROM pms.shards_of(accounts) n;
    IF v_shards IS NULL OR v_shards = ARRAY[v_own] THEN
        RETURN;
    END IF;

    v_is_of_one := cardinality(v_shards) = 1;
    v_trace_id := nullif(current_setting('request.headers', TRUE), '')::jsonb ->> 'x-trace-id';
    v_message := CASE
        WHEN v_is_of_one THEN format('this is shard %s, the account is on %s', v_own, v_shards[1])
        ELSE 'the accounts are on several shards: ' || array_to_string(v_places[:10], ', ')
    END;
    PERFORM pms.raise_denied(
        CASE WHEN v_is_of_one THEN 421 ELSE 409 END,
        CASE WHEN v_is_of_one THEN 'MISDIRECTED' ELSE 'CONFLICT' END,
        v_message,
        -- The gateway sends the request again, to that shard; of several none can take it.
        CASE
            WHEN v_is_of_one THEN jsonb_build_object('X-Shard', v_shards[1]::text)
            ELSE '{}'
        END || jsonb_build_object(
            'X-Refusal',
            pms.error_envelope(
                CASE WHEN v_is_of_one THEN 'MISDIRECTED' ELSE 'CONFLICT' END, v_message,
                v_trace_id, jsonb_build_object('shards', v_details)
            )::text
        )
    );
END
$$;

COMMENT ON FUNCTION pms.require_own_accounts IS
$$Refuse a request about accounts that another shard has

accounts: all that it names, null where it names none. Until the end of the transaction no map is
set. Without a map, one look into an empty table.
Refuses with:
- 421 MISDIRECTED when one other shard has them all; the header X-Shard is its number
- 409 when they are on several shards$$;

CREATE OR REPLACE FUNCTION pms.filtered_accounts(query text)
RETURNS text[]
LANGUAGE sql
IMMUTABLE
AS $$
SELECT array_agg(n.name)
FROM regexp_split_to_table(filtered_accounts.query, '[&;]') p (parameter)
CROSS JOIN LATERAL (
    SELECT pms.url_decode(substr(p.parameter, strpos(p.parameter, '=') + 1)) AS text
    WHERE pms.url_decode(split_part(p.parameter, '=', 1)) = 'account'
) v
CROSS JOIN LATERAL (
    SELECT substr(v.text, 4) AS name
    WHERE v.text LIKE 'eq.%'
    UNION ALL
    SELECT coalesce(regexp_replace(m.item[1], '\\(.)', '\1', 'g'), m.item[2])
    FROM regexp_matches(
        substring(v.text FROM '^in\.\((.*)\)$'), '"((?:[^"\\]|\\.)*)"|([^",]+)', 'g'
    ) m (item)
) n
WHERE n.name <> '*'
$$;

COMMENT ON FUNCTION pms.filtered_accounts IS
$$The accounts of account=eq.… and account=in.(…) in the query of a view

query: percent-encoded, as PostgREST has parsed it. Not those of other operators and of and, or:
they leave open which accounts there are. * stands for all of them.$$;
