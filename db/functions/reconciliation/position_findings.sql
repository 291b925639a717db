CREATE OR REPLACE FUNCTION pms.position_findings(
    account text,
    asset text,
    mode text,
    honor_adoption_delay boolean
)
RETURNS SETOF pms.finding
LANGUAGE sql
STABLE
AS $$
SELECT
    position_findings.account, position_findings.asset, position_findings.mode, d.leg, d.kind,
    d.field, d.stored, d.expected, NULL::numeric, d.proposal, NULL::numeric, NULL::numeric,
    NULL::numeric, d.kind <> 'rule', FALSE, 'open', NULL, NULL::timestamptz, NULL::jsonb, NULL
FROM (
    SELECT l.*, 'stored_row', 'restore the row from its ledger'
    FROM pms.stored_row_findings(
        position_findings.account, position_findings.asset, position_findings.mode
    ) l
    UNION ALL
    SELECT c.*, 'checkpoint', 'make it anew from the ledger'
    FROM pms.checkpoint_findings(
        position_findings.account, position_findings.asset, position_findings.mode
    ) c
    UNION ALL
    SELECT r.*, 'rule', 'record, bust or correct the fill that is wrong'
    FROM pms.rule_findings(
        position_findings.account, position_findings.asset, position_findings.mode
    ) r
) d (source, leg, field, stored, expected, kind, proposal)
UNION ALL
SELECT f.*
FROM pms.venue_findings(
    ARRAY(
        SELECT (
            position_findings.account, position_findings.asset, position_findings.mode, k.leg
        )::pms.leg_key
        FROM pms.position_legs(position_findings.mode) k
    ),
    position_findings.honor_adoption_delay
) f
WHERE NOT f.is_waiting
$$;

COMMENT ON FUNCTION pms.position_findings IS $$What is not as it should be in a position

By the fold of its ledger, by its checkpoints, by the rules that every leg keeps, and by the newest
reports of the venue. Raises class 22 when an entry cannot be valued.$$;
