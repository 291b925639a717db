"""Position Manager: what a trading desk holds, exactly."""

__version__ = "0.2.0.dev0"
