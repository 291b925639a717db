CREATE OR REPLACE FUNCTION pms.record_ledger_findings(keys pms.position_key[])
RETURNS SETOF pms.ledger_examination
LANGUAGE sql
AS $$
WITH examined AS (
    SELECT
        x.key,
        x.objection IS NOT NULL AS is_unfoldable,
        CASE
            WHEN x.objection IS NOT NULL
                THEN jsonb_build_array(
                    to_jsonb(x.key) || pms.account_members((x.key).account) || jsonb_build_object(
                        'source', 'ledger', 'leg', NULL, 'field', 'entries',
                        'stored', x.objection, 'expected', 'entries that can be folded'
                    )
                )
            ELSE (
                SELECT coalesce(
                    jsonb_agg(
                        to_jsonb(x.key) || pms.account_members((x.key).account) || jsonb_build_object(
                            'source', 'ledger', 'leg', f.leg, 'field', f.field,
                            'stored', f.ours, 'expected', f.theirs
                        )
                    ),
                    '[]'
                )
                FROM unnest(x.findings) f
            )
        END AS findings
    FROM unnest(
        pms.examine_positions(record_ledger_findings.keys, '{stored_row,checkpoint,key}', FALSE)
    ) x
),

gone AS (
    DELETE FROM pms.ledger_findings s
    USING examined x
    WHERE (s.account, s.asset, s.mode) = ((x.key).account, (x.key).asset, (x.key).mode)
        AND x.findings = '[]'
),

standing AS (
    INSERT INTO pms.ledger_findings (account, asset, mode, findings, verified_at)
    SELECT (x.key).account, (x.key).asset, (x.key).mode, x.findings, clock_timestamp()
    FROM examined x
    WHERE x.findings <> '[]'
    ON CONFLICT ON CONSTRAINT ledger_findings_pkey DO UPDATE
    SET findings = excluded.findings,
        verified_at = excluded.verified_at
)

SELECT x.key, x.is_unfoldable, x.findings
FROM examined x
ORDER BY x.key
$$;

COMMENT ON FUNCTION pms.record_ledger_findings IS
$$Fold positions from their first entry and record how they differ

Rows, checkpoints and keys. The findings replace those that stand; a position without any has none
any more. An entry that cannot be valued makes its position one finding.$$;

CREATE OR REPLACE FUNCTION pms.record_total_findings(accounts text[])
RETURNS jsonb
LANGUAGE sql
AS $$
WITH examined AS (
    SELECT
        u.account,
        (
            SELECT jsonb_agg(pms.account_members(w.account) || jsonb_build_object(
                'source', 'ledger', 'asset', NULL, 'mode', NULL, 'leg', NULL,
                'field', 'exposure in ' || w.currency,
                'stored', pms.decimal_text(w.stored), 'expected', pms.decimal_text(w.expected)
            ))
            FROM pms.wrong_account_totals(ARRAY[u.account]) w
        ) AS findings
    FROM unnest(record_total_findings.accounts) u (account)
),

gone AS (
    DELETE FROM pms.ledger_findings s
    USING examined x
    WHERE (s.account, s.asset, s.mode) = (x.account, '', '')
        AND x.findings IS NULL
),

standing AS (
    INSERT INTO pms.ledger_findings (account, asset, mode, findings, verified_at)
    SELECT x.account, '', '', x.findings, clock_timestamp()
    FROM examined x
    WHERE x.findings IS NOT NULL
    ON CONFLICT ON CONSTRAINT ledger_findings_pkey DO UPDATE
    SET findings = excluded.findings,
        verified_at = excluded.verified_at
)

SELECT coalesce(
    jsonb_path_query_array(
        jsonb_agg(x.findings ORDER BY x.account) FILTER (WHERE x.findings IS NOT NULL), '$[*][*]'
    ),
    '[]'
)
FROM examined x
$$;

COMMENT ON FUNCTION pms.record_total_findings IS
$$Record where the kept totals of accounts differ from the sum over their legs

The findings replace those that stand. Returns them.$$;
