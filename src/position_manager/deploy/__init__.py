"""Deployment: the database brought to the present schema and settings."""
