CREATE OR REPLACE FUNCTION pms.stored_row_findings(
    account text,
    asset text,
    mode text,
    from_checkpoints boolean DEFAULT FALSE
)
RETURNS SETOF pms.finding
LANGUAGE sql
STABLE
AS $$
WITH stored AS (
    SELECT p.*
    FROM pms.positions p
    WHERE p.account = stored_row_findings.account
        AND p.asset = stored_row_findings.asset
        AND p.mode = stored_row_findings.mode
)

SELECT n.*
FROM stored s
FULL JOIN (
    SELECT l.*
    FROM pms.legs_from_ledger(
        stored_row_findings.account, stored_row_findings.asset, stored_row_findings.mode
    ) l
    WHERE NOT stored_row_findings.from_checkpoints
    UNION ALL
    SELECT
        l.leg, h.ordinal, h.executed_at, (h.state).size, (h.state).cost, (h.state).realized,
        (h.state).fees_open, (h.state).fees_close, (h.state).funding, (h.state).opened_at,
        (h.state).closed_at
    FROM pms.position_legs(stored_row_findings.mode) l
    CROSS JOIN LATERAL pms.leg_state_at(
        stored_row_findings.account, stored_row_findings.asset, stored_row_findings.mode, l.leg,
        'infinity'
    ) h
    WHERE stored_row_findings.from_checkpoints
        AND h.ordinal > 0
) f ON s.leg = f.leg
INNER JOIN pms.instruments i ON i.asset = stored_row_findings.asset
CROSS JOIN LATERAL (
    SELECT a.rank, a.field, pms.decimal_text(a.stored), pms.decimal_text(a.expected)
    FROM (
        VALUES
        (1, 'size', coalesce(s.size, 0), coalesce(f.size, 0)),
        (2, 'cost', coalesce(s.cost, 0), coalesce(f.cost, 0)),
        (3, 'realized', coalesce(s.realized, 0), coalesce(f.realized, 0)),
        (4, 'fees_open', coalesce(s.fees_open, 0), coalesce(f.fees_open, 0)),
        (5, 'fees_close', coalesce(s.fees_close, 0), coalesce(f.fees_close, 0)),
        (6, 'funding', coalesce(s.funding, 0), coalesce(f.funding, 0)),
        (9, 'entries', coalesce(s.entries, 0), coalesce(f.entries, 0)),
        -- It has risen by one for every entry at least.
        (10, 'version', coalesce(s.version, 0), greatest(s.version, f.entries)),
        (
            11, 'exposure', coalesce(s.exposure, 0),
            pms.leg_exposure(f.size, s.current_price, i.multiplier, i.kind = 'inverse')
        )
    ) a (rank, field, stored, expected)
    UNION ALL
    SELECT t.rank, t.field, pms.time_text(t.stored), pms.time_text(t.expected)
    FROM (
        VALUES
        (7, 'opened_at', s.opened_at, f.opened_at),
        (8, 'closed_at', s.closed_at, f.closed_at)
    ) t (rank, field, stored, expected)
) d (rank, field, stored, expected)
CROSS JOIN LATERAL pms.ledger_finding(
    stored_row_findings.account, stored_row_findings.asset, stored_row_findings.mode,
    coalesce(s.leg, f.leg), 'stored_row', d.field, d.stored, d.expected,
    'restore the row from its ledger'
) n
WHERE d.stored IS DISTINCT FROM d.expected
ORDER BY coalesce(s.leg, f.leg), d.rank
$$;

COMMENT ON FUNCTION pms.stored_row_findings IS $$Where stored legs differ from their ledger

Where the row is not the fold of its entries, the row is wrong. Source: accounting.md, first
paragraph. from_checkpoints: only the entries since the last checkpoint of each leg are folded.$$;
