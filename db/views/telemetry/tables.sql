COMMENT ON TABLE pms.rejected_messages IS
'Messages that were refused, as they came, with the reason.';
COMMENT ON COLUMN pms.rejected_messages.body IS
'The bytes as they came: they need not be JSON, nor text at all.';

COMMENT ON TABLE pms.worker_reports IS
'What each part of the worker, and the reader of the gateway''s log, last said.';
