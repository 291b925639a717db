"""The operator's command line, and the private stack it starts."""
