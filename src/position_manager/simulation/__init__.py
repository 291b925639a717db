"""A simulated trading session through the real service, proved by an independent computation."""
