"""Run a part of the worker: ``python -m position_manager.worker PART``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from position_manager.config.environment import Config, load
from position_manager.config.settings import ConfigError
from position_manager.worker import ingest, logging, process, relay
from position_manager.worker.rate_limit_sync import sync

PARTS: dict[str, Callable[[Config], list[process.Part]]] = {
    "ingest": ingest.parts,
    "relay": relay.parts,
}
RATE_LIMIT_SYNC = "rate-limit-sync"


def main() -> int:
    """Load the configuration and run the part until a signal arrives; return the exit code."""
    parser = argparse.ArgumentParser(prog="position_manager.worker", description=__doc__)
    parser.add_argument("part", choices=sorted([*PARTS, RATE_LIMIT_SYNC]))
    parser.add_argument("--folder", type=Path, help="folder for the limits of the gateway")
    parser.add_argument("--user", help="user to become, when started as root")
    arguments = parser.parse_args()
    part: str = arguments.part
    if (part == RATE_LIMIT_SYNC) != (arguments.folder is not None):
        parser.error(f"--folder is required for {RATE_LIMIT_SYNC} and not allowed otherwise")
    try:
        config = load()
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    logging.configure(config.service.service_name, part, config.service.log_level)
    process.block_signals()
    is_sync = part == RATE_LIMIT_SYNC
    parts = sync.parts(config, arguments.folder) if is_sync else PARTS[part](config)
    if arguments.user is not None:
        # After the imports: the user may be unable to read the code.
        process.become(arguments.user)
    # They stop together: all have the same event.
    return process.run(parts, parts[0].stop, config.service.hang_limit)


if __name__ == "__main__":
    process.exit_now(main())
