"""Backups: taken while the service runs, verified by restoring them, restored as a whole."""
