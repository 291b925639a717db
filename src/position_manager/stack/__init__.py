"""The private stack: every part of the service as processes of this clone."""
