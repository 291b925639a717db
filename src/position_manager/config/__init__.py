"""The configuration: settings, read from the environment and validated."""
