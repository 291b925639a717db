CREATE OR REPLACE FUNCTION pms.row_versions(
    account text,
    seen_before xid8,
    reads_marks boolean,
    OUT row_count bigint,
    OUT has_changes boolean
)
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    -- Those under way may have higher numbers than the snapshot; there are fewer of them.
    c_running CONSTANT bigint := 1 << 20;
    v_transactions CONSTANT bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    - seen_before::text::bigint;
    v_age CONSTANT bigint := age(seen_before::xid);
BEGIN
    -- xmin has 32 bits: a version so old that it seems new costs a reading, and no more.
    SELECT
        count(*),
        bool_or(((v_age - age(i.written_by)) & 4294967295) < v_transactions + c_running)
        -- Restored from a dump of another server, with more transactions.
        OR v_transactions < 0
    INTO row_versions.row_count, row_versions.has_changes
    FROM (
        SELECT p.xmin FROM pms.positions p WHERE p.account = row_versions.account
        UNION ALL
        -- Not read for an account: the condition is known before.
        SELECT p.xmin FROM pms.positions p WHERE row_versions.account IS NULL
        UNION ALL
        SELECT i.xmin FROM pms.instruments i
        UNION ALL
        SELECT m.xmin FROM pms.prices m
        UNION ALL
        SELECT u.xmin FROM pms.unconverted_fees u
        UNION ALL
        SELECT s.xmin FROM pms.settings s
        UNION ALL
        -- Other code may compute other totals. A load that changes anything writes every row, so
        -- one stands for the others.
        SELECT d.xmin
        FROM pms.loaded_code d
        WHERE (d.kind, d.name) = ('routine', 'pms.row_versions')
        UNION ALL
        SELECT c.xmin FROM pms.capital c
        UNION ALL
        SELECT b.xmin FROM pms.cash_balances b
        UNION ALL
        SELECT l.xmin FROM pms.limits l
        UNION ALL
        SELECT k.xmin FROM pms.equity_marks k WHERE row_versions.reads_marks
    ) i (written_by);
END
$$;

COMMENT ON FUNCTION pms.row_versions IS
$$The number of rows that totals and limits depend on, and whether one has a new version

account: null is all accounts. seen_before: all transactions before it had ended in an earlier
snapshot. A version that this snapshot did not see was written by a transaction that ran then, by
one of its subtransactions, or later: not by one before seen_before. Without such a version, and
with as many rows, the rows are the same. Reads no value, and writers have no part in it.
has_changes is null without seen_before.$$;

CREATE OR REPLACE FUNCTION pms.read_portfolio(reader text, at timestamptz)
RETURNS pms.portfolio_reading
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_last pms.portfolio_readings;
    v_written_by xid;
    v_has_changes boolean;
    v_legs pms.priced_leg[];
    v_has_limits boolean;
    reading pms.portfolio_reading;
BEGIN
    -- As the function is STABLE, all its statements see one snapshot: that of its caller.
    reading.read_at := read_portfolio.at;
    reading.seen_before := pg_snapshot_xmin(pg_current_snapshot());

    SELECT r.reader, r.read_at, r.seen_before, r.row_count, r.xmin
    INTO v_last.reader, v_last.read_at, v_last.seen_before, v_last.row_count, v_written_by
    FROM pms.portfolio_readings r
    WHERE r.reader = read_portfolio.reader;

    SELECT v.row_count, v.has_changes
    INTO reading.row_count, v_has_changes
    -- The history writes the marks, and reads them only to go on.
    FROM pms.row_versions(NULL, v_last.seen_before, read_portfolio.reader <> 'history') v;

    IF v_has_changes
        OR reading.row_count = v_last.row_count IS NOT TRUE
        -- Restored from a dump of another server, with fewer transactions.
        OR age(v_written_by) > age(v_last.seen_before::xid)
        -- Daily loss starts over.
        OR EXISTS (
            SELECT 1
            FROM pms.settings s
            WHERE pms.day_began(v_last.read_at, s.time_zone)
                <> pms.day_began(read_portfolio.at, s.time_zone)
        )
        OR EXISTS (
            SELECT 1
            FROM pms.capital c
            WHERE c.effective_at > v_last.read_at
                AND c.effective_at <= read_portfolio.at
        )
    THEN
        v_legs := pms.current_legs(NULL);
        v_has_limits := EXISTS (SELECT 1 FROM pms.limits);
        -- Other totals are not computed.
        reading.totals := ARRAY(
            SELECT t
            FROM pms.portfolio_totals(v_legs) t
            WHERE v_has_limits
                OR t.is_all_assets AND (t.is_all_accounts OR read_portfolio.reader = 'history')
        );
        reading.limits := CASE
            WHEN v_has_limits
                THEN ARRAY(
                        SELECT u
                        FROM pms.account_limits(
                                reading.totals || ARRAY(SELECT b FROM pms.limited_book_totals() b),
                                NULL, NULL
                            ) u
                    )
            ELSE '{}'
        END;

        IF read_portfolio.reader = 'history' AND EXISTS (SELECT 1 FROM pms.books) THEN
            -- No total over accounts has those of books.
            v_legs := ARRAY(SELECT h.leg FROM pms.priced_legs h WHERE pms.is_book(h.account));
            reading.totals := reading.totals || ARRAY(
                SELECT t FROM pms.sum_positions(v_legs, FALSE, TRUE) t
            );
        END IF;
    END IF;

    RETURN reading;
END
$$;

COMMENT ON FUNCTION pms.read_portfolio IS
$$The totals and limits, unless nothing that they depend on has changed

reader: announcement, history (with the totals of books) or limits; at: now. totals and limits
are null if nothing has changed since the reading that was last stored for the reader. Store it
with pms.store_reading in the transaction that stores what was derived from it. Reads the version
of each row instead of valuing it, so that writers have no part in it. A change that commits
during the call counts for the next one.$$;

CREATE OR REPLACE FUNCTION pms.store_reading(readers text[], reading pms.portfolio_reading)
RETURNS void
LANGUAGE sql
AS $$
INSERT INTO pms.portfolio_readings (reader, read_at, seen_before, row_count)
SELECT n.reader, reading.read_at, reading.seen_before, reading.row_count
FROM unnest(store_reading.readers) n (reader)
ORDER BY n.reader
ON CONFLICT ON CONSTRAINT portfolio_readings_pkey DO UPDATE
SET read_at = excluded.read_at,
    seen_before = excluded.seen_before,
    row_count = excluded.row_count
$$;

COMMENT ON FUNCTION pms.store_reading IS
$$Store what readers of the portfolio have seen, see pms.read_portfolio

Call it before anything that is derived from the reading is stored: two that do so take turns, so
that the reading is that of the last one.$$;
