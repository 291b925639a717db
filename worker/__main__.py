"""Run a part of the worker: ``python -m position_manager.worker ingest`` or ``relay``."""

from __future__ import annotations

import argparse
import sys

from position_manager.worker import ingest, logging, process, relay
from position_manager.worker.config import ConfigError, load

PARTS = {"ingest": ingest.main, "relay": relay.main}


def main() -> int:
    """Read the configuration, then work until a signal comes."""
    parser = argparse.ArgumentParser(prog="position_manager.worker", description=__doc__)
    parser.add_argument("part", choices=sorted(PARTS))
    part = parser.parse_args().part
    try:
        config = load()
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    logging.configure(config.service.service_name, part, config.service.log_level)
    process.block_signals()
    return PARTS[part](config)


if __name__ == "__main__":
    process.leave(main())
