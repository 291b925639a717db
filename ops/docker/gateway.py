"""Become the gateway of the containers: nginx, with ``gateway/nginx.conf.template`` filled in.

The settings are those of the environment, read and checked as everywhere.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from position_manager.cli.stack.context import StackError
from position_manager.cli.stack.nginx import GATEWAY, PROGRAM, TEMPLATE, render
from position_manager.worker.config import ConfigError, ServiceSettings, load

# In a folder that the two containers share; see docker-compose.yml.
POSTGREST_SERVER = "unix:/run/postgrest/rest.sock"


def names(service: ServiceSettings, folder: Path) -> dict[str, str]:
    """What the template may use: see ``position_manager.cli.stack.nginx``."""
    return {
        "PORT": str(service.port),
        "STACK_DIR": str(folder),
        "GATEWAY_DIR": str(GATEWAY),
        "POSTGREST_SERVER": POSTGREST_SERVER,
        # The container has one user, who is not root.
        "WORKER_USER_LINE": "",
        "RATE_LIMIT_ENABLED": str(int(service.rate_limit_enabled)),
        "RATE_LIMIT_DEFAULT": str(service.rate_limit_default),
        "RATE_LIMIT_MAP": "\n".join(
            f"{name} {limit};" for name, limit in sorted(service.rate_limit_overrides.items())
        ),
    }


def command(service: ServiceSettings, folder: Path) -> list[str]:
    """Write the configuration into `folder`; the command that serves it."""
    configuration = folder / "nginx.conf"
    configuration.write_text(render(TEMPLATE.read_text(), names(service, folder)))
    return [PROGRAM, "-p", str(folder), "-e", "stderr", "-c", str(configuration)]


def main() -> None:
    """Check the configuration, then become nginx."""
    try:
        argv = command(load().service, Path(tempfile.mkdtemp(prefix="gateway-")))
    except (ConfigError, StackError) as error:
        sys.exit(str(error))
    if subprocess.run([*argv, "-t", "-q"]).returncode != 0:
        sys.exit("nginx refuses its configuration")
    os.execv(argv[0], argv)


if __name__ == "__main__":
    main()
