SELECT
    sequence,
    id,
    aggregatetype,
    aggregateid,
    type,
    payload,
    trace_id,
    created_at
FROM pms.outbox
WHERE FALSE;

SELECT only_row, totals
FROM pms.portfolio_announcement
WHERE FALSE;
