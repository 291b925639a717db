CREATE OR REPLACE FUNCTION pms.averages_differ(
    size numeric,
    cost numeric,
    average_price numeric,
    multiplier numeric,
    is_inverse boolean,
    threshold numeric
)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
-- Multiplied out: a quotient could be rounded.
RETURN CASE
    WHEN is_inverse
        THEN abs(average_price * cost + size * multiplier) > threshold * abs(size * multiplier)
    ELSE abs(average_price * size * multiplier - cost) > threshold * abs(cost)
END;

COMMENT ON FUNCTION pms.averages_differ IS
'Whether the average of the venue differs by more than the ratio threshold from that of a leg.';

CREATE OR REPLACE FUNCTION pms.compare_venue_reports(keys pms.leg_key[])
RETURNS pms.venue_comparison[]
LANGUAGE sql
STABLE
AS $$
WITH report AS (
    SELECT
        v.account, v.asset, v.mode, v.leg, v.size, v.average_price, v.mark_price, v.unrealized_pnl,
        v.seq, v.reported_at, v.recorded_at, v.trace_id,
        CASE
            -- Of before the clock was set back.
            WHEN v.unexplained_since > clock_timestamp() THEN '-infinity'
            ELSE coalesce(v.unexplained_since, least(v.recorded_at, clock_timestamp()))
                + s.venue_adoption_delay
        END AS due_at,
        s.size_validation_threshold, s.avg_price_diff_threshold, s.use_ws_avg_price,
        coalesce(i.multiplier, 1) AS multiplier,
        coalesce(i.kind = 'inverse', FALSE) AS is_inverse,
        coalesce(p.size, 0) AS size_now, coalesce(p.cost, 0) AS cost_now, p.last_executed_at,
        coalesce(v.reported_at > p.last_executed_at, TRUE)
        -- Funding does not change the size.
        OR NOT EXISTS (
            SELECT 1
            FROM pms.standing_entries e
            WHERE (e.account, e.asset, e.mode, e.leg) = (v.account, v.asset, v.mode, v.leg)
                AND e.executed_at >= v.reported_at
                AND e.kind NOT IN ('funding', 'distribution')
        ) AS is_newest
    FROM unnest(compare_venue_reports.keys) k
    INNER JOIN pms.venue_positions v
        ON (k.account, k.asset, k.mode, k.leg) = (v.account, v.asset, v.mode, v.leg)
        AND v.reported_at >= coalesce(pms.ledger_closed_until(), '-infinity')
    CROSS JOIN pms.settings s
    LEFT JOIN pms.instruments i ON v.asset = i.asset
    LEFT JOIN pms.positions p
        ON (v.account, v.asset, v.mode, v.leg) = (p.account, p.asset, p.mode, p.leg)
    -- Computes is_newest once (ADR 0002).
    OFFSET 0
),

-- Our leg is taken as it was at the time of the report.
compared AS (
    SELECT
        r.*,
        CASE WHEN r.is_newest THEN r.size_now ELSE coalesce(h.size, 0) END AS held,
        CASE WHEN r.is_newest THEN r.cost_now ELSE coalesce(h.cost, 0) END AS held_cost
    FROM report r
    LEFT JOIN LATERAL (
        SELECT (m.state).size, (m.state).cost
        FROM (SELECT 1 WHERE NOT r.is_newest) g
        CROSS JOIN LATERAL pms.leg_state_at(
            r.account, r.asset, r.mode, r.leg,
            -- A fill that explains the closed part, although its clock was ahead, was reported.
            coalesce(
                (
                    SELECT max(e.effective_at)
                    FROM pms.estimated_closes e
                    WHERE (e.account, e.asset, e.mode, e.leg) = (r.account, r.asset, r.mode, r.leg)
                        AND r.reported_at BETWEEN e.reported_at AND e.effective_at
                ),
                r.reported_at
            )
        ) m
    ) h ON TRUE
),

judged AS (
    SELECT
        c.account, c.asset, c.mode, c.leg, c.size, c.average_price, c.mark_price, c.unrealized_pnl,
        c.seq, c.reported_at, c.recorded_at, c.trace_id, c.due_at, c.size_validation_threshold,
        c.avg_price_diff_threshold, c.multiplier, c.is_inverse, c.last_executed_at, c.is_newest,
        c.held, c.held_cost,
        CASE
            WHEN c.size <> 0 AND c.held = 0 AND NOT EXISTS (
                SELECT FROM pms.entries_of_leg(c.account, c.asset, c.mode, c.leg) e
                WHERE e.kind <> 'funding'
            ) AND NOT pms.has_archived_entries(
                c.account, c.asset, c.mode, c.leg, pms.ledger_begins_at()
            )
                THEN 'adoption'
            WHEN abs(c.size - c.held) > c.size_validation_threshold THEN 'size'
            WHEN c.use_ws_avg_price AND sign(c.size) * sign(c.held) = 1
                AND pms.averages_differ(
                    c.held, c.held_cost, c.average_price, c.multiplier, c.is_inverse,
                    c.avg_price_diff_threshold
                )
                THEN 'average_price'
        END AS kind
    FROM compared c
    -- Evaluates the rule once, not wherever kind is used (ADR 0002).
    OFFSET 0
)

SELECT ARRAY(
    SELECT j::pms.venue_comparison
    FROM judged j
    WHERE j.kind IS NOT NULL
        -- What the fills have in the other mode is no second position, and no missing one.
        AND NOT EXISTS (
            SELECT 1
            FROM pms.mode_mismatch(j.account, j.asset) m
            WHERE j.kind IN ('adoption', 'size')
                AND (j.mode = m.held_mode OR j.held = 0)
        )
)
$$;

COMMENT ON FUNCTION pms.compare_venue_reports IS
$$The newest reports of the venue that differ from our legs at the same time

kind is the first rule that applies. adoption: the venue alone has the position. size: the sizes
differ by strictly more than size_validation_threshold. average_price: the sizes agree, and the
averages differ by strictly more than the ratio avg_price_diff_threshold, unless use_ws_avg_price is
off. What pms.mode_mismatch concerns is left out. Source: contract.md, "What conflicts mean".$$;

CREATE OR REPLACE FUNCTION pms.proposed_cost(comparison pms.venue_comparison)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
RETURN CASE
    WHEN (comparison).size = 0 THEN 0
    WHEN (comparison).average_price IS NOT NULL
        THEN pms.contract_value(
                CASE
                    WHEN (comparison).kind = 'average_price' THEN (comparison).held
                    ELSE (comparison).size
                END,
                (comparison).average_price, (comparison).multiplier, (comparison).is_inverse
            )
    -- Without the venue's average, ours.
    WHEN (comparison).kind = 'size' AND sign((comparison).size) = sign((comparison).held)
        THEN pms.div_round(
                (comparison).held_cost * (comparison).size, (comparison).held, 18
            )
    ELSE pms.implied_cost(
            (comparison).size, (comparison).mark_price, (comparison).unrealized_pnl,
            (comparison).multiplier, (comparison).is_inverse
        )
END;

COMMENT ON FUNCTION pms.proposed_cost IS
'The cost of a leg that is to agree with the venue; null when the report implies none.';

CREATE OR REPLACE FUNCTION pms.proposed_identity(comparison pms.venue_comparison)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN concat_ws(
    ':',
    CASE (comparison).kind
        WHEN 'adoption' THEN 'adoption'
        WHEN 'size' THEN 'adjustment:venue_size'
        ELSE 'adjustment:venue_average'
    END,
    (comparison).asset, (comparison).mode, (comparison).leg,
    pms.time_text((comparison).reported_at) || coalesce('/' || (comparison).seq, '')
);

COMMENT ON FUNCTION pms.proposed_identity IS
'The identity of the entry that lets a leg agree with the venue: of one report always the same.';

CREATE OR REPLACE FUNCTION pms.venue_findings(
    comparisons pms.venue_comparison[],
    honor_adoption_delay boolean
)
RETURNS SETOF pms.finding
LANGUAGE sql
STABLE
AS $$
WITH proposed AS (
    SELECT
        d.*,
        d.kind = 'adoption' AND venue_findings.honor_adoption_delay AND d.due_at > clock_timestamp()
        AS is_waiting,
        -- A report that came before a void does not know of it.
        d.is_newest AND NOT EXISTS (
            SELECT 1
            FROM pms.voids x
            INNER JOIN pms.ledger_entries e ON x.entry_id = e.id
            WHERE (e.account, e.asset, e.mode, e.leg) = (d.account, d.asset, d.mode, d.leg)
                AND x.recorded_at > d.recorded_at
        ) AS is_newer,
        CASE WHEN d.kind = 'average_price' THEN d.held ELSE d.size END AS target_size,
        pms.proposed_cost(d) AS target_cost,
        pms.proposed_identity(d) AS identity,
        CASE
            WHEN d.reported_at <= d.recorded_at THEN d.reported_at
            -- A clock ahead of ours: entries until then must not precede the adjustment.
            ELSE greatest(d.recorded_at, d.last_executed_at)
        END AS effective_at,
        CASE WHEN d.kind = 'size' THEN pms.closing_quantity(d.held, d.size) END AS closing
    FROM unnest(venue_findings.comparisons) d
),

settled AS (
    SELECT
        p.*,
        k.price AS closing_price,
        k.source AS closing_source,
        -- A report is applied once; an entry that was busted is not applied again.
        p.target_cost IS NOT NULL AND p.is_newer AND NOT p.is_waiting AND NOT EXISTS (
            SELECT 1 FROM pms.find_entry(p.account, p.identity)
        ) AS is_fixable
    FROM proposed p
    LEFT JOIN LATERAL (
        SELECT p.mark_price AS price, 'venue' AS source
        WHERE p.mark_price IS NOT NULL
        UNION ALL
        SELECT m.mark_price, 'price'
        FROM pms.price_at(p.asset, p.reported_at) m
        WHERE p.mark_price IS NULL
    ) k
        -- Fills that come later may leave more to close. An inverse contract has no other value.
        ON p.kind <> 'adoption' AND (k.price > 0 OR NOT p.is_inverse)
)

SELECT
    s.account, s.asset, s.mode, s.leg, s.kind,
    CASE WHEN s.kind = 'average_price' THEN 'average_entry_price' ELSE 'size' END,
    pms.decimal_text(
        CASE
            WHEN s.kind = 'average_price'
                THEN pms.average_price(s.held, s.held_cost, s.multiplier, s.is_inverse)
            ELSE s.held
        END
    ),
    pms.decimal_text(CASE WHEN s.kind = 'average_price' THEN s.average_price ELSE s.size END),
    CASE s.kind
        WHEN 'size' THEN s.size_validation_threshold
        WHEN 'average_price' THEN s.avg_price_diff_threshold
    END,
    CASE
        WHEN s.target_cost IS NULL
            THEN 'no price is known: record one, or dismiss it'
        ELSE CASE
            WHEN s.is_fixable THEN ''
            ELSE 'wait for a newer report, dismiss it, or accept: '
        END || format(
            'size %s at a cost of %s since %s', pms.decimal_text(s.target_size),
            pms.decimal_text(s.target_cost), pms.time_text(s.effective_at)
        ) || CASE
            WHEN s.closing <> 0
                THEN format(
                    ', closing %s at %s', pms.decimal_text(abs(s.closing)),
                    coalesce(pms.decimal_text(s.closing_price), 'an unknown price')
                )
            ELSE ''
        END
    END,
    CASE WHEN s.target_cost IS NOT NULL THEN s.target_size END,
    s.target_cost,
    CASE WHEN s.size <> 0 THEN s.average_price END,
    s.is_fixable, s.is_waiting, s.identity, s.effective_at,
    jsonb_build_object(
        'reported_at', pms.time_text(s.reported_at),
        'received_at', pms.time_text(s.recorded_at),
        'seq', s.seq,
        'size', pms.decimal_text(s.size),
        'average_price', pms.decimal_text(s.average_price),
        'mark_price', pms.decimal_text(s.mark_price),
        'unrealized_pnl', pms.decimal_text(s.unrealized_pnl)
    ),
    s.trace_id, s.closing, s.closing_price, s.closing_source
FROM settled s
$$;

COMMENT ON FUNCTION pms.venue_findings IS $$Differences from the venue, each with its proposed entry

comparisons: of pms.compare_venue_reports. At most one finding a leg, used on receipt and by
validation. is_fixable: the report is newer than
every fill applied, implies a cost, and has not been applied before: only then may it replace our
size or average without a person. The closed part has the mark price of the report, else the newest
price of its time. honor_adoption_delay: a position that only the venue knows waits
venue_adoption_delay for a fill on its way. A leg without a report has no finding.$$;
