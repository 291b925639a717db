CREATE OR REPLACE VIEW pms.standing_actions AS
SELECT a.*
FROM pms.corporate_actions a
WHERE NOT EXISTS (
        SELECT 1
        FROM pms.corporate_action_busts b
        WHERE b.action_id = a.action_id
    );

COMMENT ON VIEW pms.standing_actions IS $$The corporate actions that count: all but the busted ones

Has the columns of pms.corporate_actions.$$;
