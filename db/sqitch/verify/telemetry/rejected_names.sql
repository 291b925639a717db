SELECT account, asset, mode, leg, review_code
FROM pms.rejected_messages
WHERE FALSE;
