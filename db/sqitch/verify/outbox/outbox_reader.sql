SELECT only_row, is_waiting
FROM pms.outbox_reader
WHERE FALSE;
