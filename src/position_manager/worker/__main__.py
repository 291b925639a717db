"""Run a part of the worker: ``python -m position_manager.worker PART``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from position_manager.config.environment import Config, load
from position_manager.config.settings import ConfigError
from position_manager.worker import ingest, logging, process, relay, splitter
from position_manager.worker.rate_limit_sync import sync
from position_manager.worker.stream import part as stream

PARTS: dict[str, Callable[[Config], list[process.Part]]] = {
    "ingest": ingest.parts,
    "relay": relay.parts,
    "split": splitter.parts,
}
# Those that share a folder with the gateway.
BESIDE_GATEWAY: dict[str, Callable[[Config, Path], list[process.Part]]] = {
    "rate-limit-sync": sync.parts,
    "stream": stream.parts,
}


def main() -> int:
    """Load the configuration and run the part until a signal arrives; return the exit code."""
    parser = argparse.ArgumentParser(prog="position_manager.worker", description=__doc__)
    parser.add_argument("part", choices=sorted([*PARTS, *BESIDE_GATEWAY]))
    parser.add_argument("--folder", type=Path, help="folder that the part shares with the gateway")
    parser.add_argument("--user", help="user to become, when started as root")
    arguments = parser.parse_args()
    part: str = arguments.part
    if (part in BESIDE_GATEWAY) != (arguments.folder is not None):
        names = " and ".join(BESIDE_GATEWAY)
        parser.error(f"--folder is required for {names} and not allowed otherwise")
    try:
        config = load()
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    logging.configure(config.service.service_name, part, config.service.log_level)
    process.block_signals()
    try:
        if part in BESIDE_GATEWAY:
            parts = BESIDE_GATEWAY[part](config, arguments.folder)
        else:
            parts = PARTS[part](config)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    if arguments.user is not None:
        # After the imports: the user may be unable to read the code.
        process.become(arguments.user)
    # They stop together: all have the same event.
    return process.run(parts, parts[0].stop, config.service.hang_limit)


if __name__ == "__main__":
    process.exit_now(main())
