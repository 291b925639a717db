"""Webhooks: POST some events of the log to addresses of the operator, signed."""
