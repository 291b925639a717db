"""Rate limits written for the gateway, and its log counted for the database."""
