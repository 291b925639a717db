"""Run a part of the worker: ``python -m position_manager.worker PART``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from position_manager.config.environment import Config, load
from position_manager.config.settings import ConfigError
from position_manager.worker import ingest, logging, process, relay
from position_manager.worker.rate_limit_sync import gatekeeper

PARTS: dict[str, Callable[[Config], int]] = {"ingest": ingest.main, "relay": relay.main}
GATEKEEPER = "gatekeeper"


def main() -> int:
    """Read the configuration, then work until a signal comes."""
    parser = argparse.ArgumentParser(prog="position_manager.worker", description=__doc__)
    parser.add_argument("part", choices=sorted([*PARTS, GATEKEEPER]))
    parser.add_argument("--folder", type=Path, help="where the gatekeeper leaves the limits")
    given = parser.parse_args()
    part: str = given.part
    if (part == GATEKEEPER) != (given.folder is not None):
        parser.error("the gatekeeper, and nobody else, needs a --folder")
    try:
        config = load()
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    logging.configure(config.service.service_name, part, config.service.log_level)
    process.block_signals()
    return gatekeeper.main(config, given.folder) if part == GATEKEEPER else PARTS[part](config)


if __name__ == "__main__":
    process.leave(main())
