-- From the plan in which functions and views were changes, too, to the one that has migrations
-- only. Runs once, after the code was dropped and in the same transaction.

DELETE FROM sqitch.events WHERE project = 'position_manager';
DELETE FROM sqitch.dependencies d
USING sqitch.changes c
WHERE d.change_id = c.change_id AND c.project = 'position_manager';
DELETE FROM sqitch.changes WHERE project = 'position_manager';
