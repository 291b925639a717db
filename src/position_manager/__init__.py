"""Position Manager: what a trading desk holds, exactly."""
