"""The gateway: nginx in front of PostgREST."""
