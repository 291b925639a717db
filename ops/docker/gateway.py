"""Be the gateway of the containers: nginx, with ``gateway/nginx.conf.template`` filled in.

The settings are those of the environment, read and checked as everywhere. The limits come from the
gatekeeper, in a folder that both share: so no part that clients reach has a way into the database.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from position_manager.cli.stack.context import StackError
from position_manager.cli.stack.nginx import (
    GATEWAY,
    PROGRAM,
    TEMPLATE,
    begin_limits,
    render,
    service_names,
)
from position_manager.worker import gateway_limits
from position_manager.worker.config import ConfigError, ServiceSettings, load
from position_manager.worker.gatekeeper import tell
from position_manager.worker.gateway_log import SOCKET

# In a folder that the two containers share; see docker-compose.yml.
POSTGREST_SERVER = "unix:/run/postgrest/rest.sock"
GATEKEEPER = Path("/run/gateway")

PAUSE = 0.5
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)


def names(service: ServiceSettings, folder: Path) -> dict[str, str]:
    """What the template may use: see ``position_manager.cli.stack.nginx``."""
    return service_names(service) | {
        "STACK_DIR": str(folder),
        "GATEWAY_DIR": str(GATEWAY),
        "POSTGREST_SERVER": POSTGREST_SERVER,
        "LOG_SOCKET": str(GATEKEEPER / SOCKET),
        # The container has one user, who is not root.
        "WORKER_USER_LINE": "",
    }


def command(service: ServiceSettings, folder: Path) -> list[str]:
    """Write the configuration into `folder`; the command that serves it."""
    begin_limits(service, folder)
    configuration = folder / "nginx.conf"
    configuration.write_text(render(TEMPLATE.read_text(), names(service, folder)))
    return [PROGRAM, "-p", str(folder), "-e", "stderr", "-c", str(configuration)]


def serve(argv: list[str], folder: Path, gatekeeper: Path) -> int:
    """Run nginx and have it read the limits whenever the gatekeeper has new ones; its exit code."""
    process = subprocess.Popen(argv)
    for number in SIGNALS:
        signal.signal(number, lambda received, _: process.send_signal(received))
    limits = gatekeeper / gateway_limits.FILE
    while process.poll() is None:
        if limits.exists() and (folder / "nginx.pid").exists():
            tell(folder, limits.read_text())
        time.sleep(PAUSE)
    return process.returncode


def main() -> None:
    """Check the configuration, then serve."""
    folder = Path(tempfile.mkdtemp(prefix="gateway-"))
    try:
        argv = command(load().service, folder)
    except (ConfigError, StackError) as error:
        sys.exit(str(error))
    if subprocess.run([*argv, "-t", "-q"]).returncode != 0:
        sys.exit("nginx refuses its configuration")
    sys.exit(serve(argv, folder, GATEKEEPER))


if __name__ == "__main__":
    main()
