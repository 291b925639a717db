CREATE OR REPLACE VIEW pms.unread_legs AS
SELECT
    p.account,
    p.asset,
    p.leg_id,
    p AS leg
FROM pms.positions p
LEFT JOIN pms.leg_pnl_marks m ON p.leg_id = m.leg_id
WHERE CASE
        WHEN m.leg_id IS NULL THEN p.entries > 0
        ELSE m.entered_at < p.entered_at OR m.ordinal <> p.entries
    END;

COMMENT ON VIEW pms.unread_legs IS $$Legs with entries that the stored changes of PnL lack

See pms.unread_pnl.$$;
