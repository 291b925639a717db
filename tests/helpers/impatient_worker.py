"""A part of the worker that ends after seconds without progress, fewer than a setting accepts."""

from __future__ import annotations

import sys

from position_manager.config.environment import load
from position_manager.worker import logging, process
from position_manager.worker.__main__ import PARTS

HANG_LIMIT = 5.0


def main() -> int:
    """Run a part until a signal arrives, as ``python -m position_manager.worker`` does."""
    config, part = load(), sys.argv[1]
    logging.configure(config.service.service_name, part, config.service.log_level)
    process.block_signals()
    parts = PARTS[part](config)
    return process.run(parts, parts[0].stop, HANG_LIMIT)


if __name__ == "__main__":
    process.exit_now(main())
