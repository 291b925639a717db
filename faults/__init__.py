"""A fault campaign: a known stream of messages, faults, and a comparison after each of them."""
