CREATE OR REPLACE FUNCTION pms.ledger_begins_at()
RETURNS timestamptz
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN (SELECT min(p.since) FROM pms.ledger_partitions p);
END
$$;

COMMENT ON FUNCTION pms.ledger_begins_at IS
$$The event time from which the ledger has entries; -infinity: nothing is archived

Earlier entries are in the archive; the last checkpoint of each leg from before is what it
brought forward.$$;

CREATE OR REPLACE FUNCTION pms.ledger_closed_until()
RETURNS timestamptz
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN (SELECT max(a.until) FROM pms.ledger_archives a);
END
$$;

COMMENT ON FUNCTION pms.ledger_closed_until IS
$$The event time from which entries are accepted; null: all are

Earlier ones are archived, or are about to be.$$;

CREATE OR REPLACE FUNCTION pms.archived_period_text()
RETURNS text
LANGUAGE sql
STABLE
RETURN format(
    'the ledger before %s is %s',
    pms.time_text(pms.ledger_closed_until()),
    CASE
        WHEN pms.ledger_closed_until() > pms.ledger_begins_at() THEN 'about to be archived'
        ELSE 'archived'
    END
);

COMMENT ON FUNCTION pms.archived_period_text IS
'Why something about an archived period is refused; it names the end of the period.';

CREATE OR REPLACE FUNCTION pms.require_open_period(moments timestamptz[])
RETURNS void
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM unnest(moments) m (at) WHERE m.at < pms.ledger_closed_until()) THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = 'executed_at: ' || pms.archived_period_text();
    END IF;
END
$$;

COMMENT ON FUNCTION pms.require_open_period IS
$$Refuse entries and voids of an archived period, from the worker and from commands alike

moments: their event times. Refuses with:
- 409 when one lies before pms.ledger_closed_until$$;

CREATE OR REPLACE FUNCTION pms.has_archived_entries(
    account text,
    asset text,
    mode text,
    leg text,
    before timestamptz
)
RETURNS boolean
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF before > '-infinity' THEN
        RETURN EXISTS (
            SELECT 1
            FROM pms.legs l
            WHERE (l.account, l.asset, l.mode) = (
                    has_archived_entries.account, has_archived_entries.asset,
                    has_archived_entries.mode
                )
                AND l.leg = coalesce(has_archived_entries.leg, l.leg)
                AND (
                    EXISTS (
                        SELECT 1
                        FROM pms.checkpoints c
                        WHERE (c.account, c.asset, c.mode, c.leg)
                            = (l.account, l.asset, l.mode, l.leg)
                            AND c.executed_at < before
                    )
                    OR EXISTS (
                        SELECT 1
                        FROM pms.entries e
                        WHERE e.leg_id = l.leg_id
                            AND e.executed_at < before
                    )
                )
        );
    END IF;
    RETURN FALSE;
END
$$;

COMMENT ON FUNCTION pms.has_archived_entries IS
$$Whether a leg has entries of an archived period, or of one that is about to be

leg: null is any of the position. before: pms.ledger_begins_at or pms.ledger_closed_until. Archived
ones have left a checkpoint.$$;

CREATE OR REPLACE FUNCTION pms.require_unarchived_legs(keys pms.leg_key[])
RETURNS void
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_until CONSTANT timestamptz := pms.ledger_closed_until();
    v_leg text := (
        SELECT concat_ws(' ', k.account, k.asset, k.mode, k.leg)
        FROM unnest(keys) k
        WHERE v_until IS NOT NULL
            AND pms.has_archived_entries(k.account, k.asset, k.mode, k.leg, v_until)
        LIMIT 1
    );
BEGIN
    IF v_leg IS NOT NULL THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = v_leg || ' has older entries: ' || pms.archived_period_text();
    END IF;
END
$$;

COMMENT ON FUNCTION pms.require_unarchived_legs IS
$$Refuse to count legs by another rule that have entries in an archived period

Refuses with:
- 409 and a leg that has some$$;

CREATE OR REPLACE FUNCTION pms.forget_archive(archive_id integer)
RETURNS void
LANGUAGE sql
AS $$
DELETE FROM pms.archived_keys k WHERE k.archive_id = forget_archive.archive_id;
DELETE FROM pms.ledger_archives a WHERE a.archive_id = forget_archive.archive_id
$$;

COMMENT ON FUNCTION pms.forget_archive IS
'Accept entries in the period of an archive again; its partition must be in the ledger.';

CREATE OR REPLACE FUNCTION pms.reopen_closed_periods()
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.forget_archive(a.archive_id)
    FROM pms.ledger_archives a
    WHERE a.archived_at IS NULL;
END
$$;

COMMENT ON FUNCTION pms.reopen_closed_periods IS
$$Accept entries in periods again that are about to be archived

For what cannot wait for the archive. Its command has to begin again.$$;

CREATE OR REPLACE FUNCTION pms.order_hash(account text, order_id text)
RETURNS bigint
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN hashtextextended(account || ' ' || order_id, 0);

COMMENT ON FUNCTION pms.order_hash IS
$$Names an order of an account in the archive

64 bits: orders are not compared by their texts, so two must not share it.$$;

CREATE OR REPLACE FUNCTION pms.is_archived(kind "char", key bigint)
RETURNS boolean
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1
        FROM pms.ledger_archives a
        CROSS JOIN LATERAL (
            SELECT k.keys
            FROM pms.archived_keys k
            WHERE k.archive_id = a.archive_id
                AND k.kind = is_archived.kind
                AND k.first_key <= is_archived.key
            ORDER BY k.first_key DESC
            LIMIT 1
        ) r
        WHERE is_archived.key = ANY(r.keys)
    );
END
$$;

COMMENT ON FUNCTION pms.is_archived IS
'Whether a key is among those of archived entries: of a kind of pms.archived_keys.';
