"""Run the gateway of the containers: ``python -m position_manager.gateway.serve``.

nginx gets ``gateway/nginx.conf.template`` with the settings of the environment filled in. The
limits come from the gatekeeper, in a folder that both share: no part that clients reach has a way
into the database.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from position_manager.config.environment import load
from position_manager.config.service import ServiceSettings
from position_manager.config.settings import ConfigError
from position_manager.gateway.limits import FILE, write_initial_limits, write_limits
from position_manager.gateway.render import (
    GATEWAY,
    PROGRAM,
    SOCKET,
    TEMPLATE,
    TemplateError,
    render,
    service_names,
)

# In a folder that the two containers share; see docker-compose.yml.
POSTGREST_SERVER = "unix:/run/postgrest/rest.sock"
GATEKEEPER = Path("/run/gateway")

PAUSE = 0.5
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)


def names(service: ServiceSettings, folder: Path) -> dict[str, str]:
    """Values of the names that the template uses."""
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
    write_initial_limits(folder, service)
    configuration = folder / "nginx.conf"
    configuration.write_text(render(TEMPLATE.read_text(), names(service, folder)))
    return [PROGRAM, "-p", str(folder), "-e", "stderr", "-c", str(configuration)]


def serve(argv: list[str], folder: Path, gatekeeper: Path) -> int:
    """Run nginx and have it read the limits whenever the gatekeeper has new ones; its exit code."""
    process = subprocess.Popen(argv)
    for number in SIGNALS:
        signal.signal(number, lambda received, _: process.send_signal(received))
    limits = gatekeeper / FILE
    while process.poll() is None:
        if limits.exists() and (folder / "nginx.pid").exists():
            write_limits(folder, limits.read_text())
        time.sleep(PAUSE)
    return process.returncode


def main() -> None:
    """Check the configuration, then serve."""
    folder = Path(tempfile.mkdtemp(prefix="gateway-"))
    try:
        argv = command(load().service, folder)
    except (ConfigError, TemplateError) as error:
        sys.exit(str(error))
    if subprocess.run([*argv, "-t", "-q"]).returncode != 0:
        sys.exit("nginx refuses its configuration")
    sys.exit(serve(argv, folder, GATEKEEPER))


if __name__ == "__main__":
    main()
