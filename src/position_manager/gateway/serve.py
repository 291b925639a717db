"""Run the gateway of the containers: ``python -m position_manager.gateway.serve``.

The configuration is ``gateway/nginx.conf.template``, rendered with the settings of the environment.
rate-limit-sync writes the limits and the shards to a shared folder, so the gateway itself needs no
access to the database.
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
from position_manager.gateway import files, limits, shards
from position_manager.gateway.render import (
    GATEWAY,
    PROGRAM,
    SOCKET,
    STREAM_SOCKET,
    TEMPLATE,
    TemplateError,
    render,
    server_names,
    service_names,
)

# Both lie in folders that containers share; see docker-compose.yml.
POSTGREST_FOLDER = "/run/postgrest"
LIMITS_FOLDER = Path("/run/gateway")

PAUSE = 0.5
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)


def names(service: ServiceSettings, folder: Path) -> dict[str, str]:
    """The values of all names of the template."""
    # The container's own addresses: docker-compose.yml publishes one.
    own = {
        "STACK_DIR": str(folder),
        "GATEWAY_DIR": str(GATEWAY),
        "LOG_SOCKET": str(LIMITS_FOLDER / SOCKET),
        "STREAM_SOCKET": str(LIMITS_FOLDER / STREAM_SOCKET),
    }
    return service_names(service, ["0.0.0.0"], server_names(POSTGREST_FOLDER)) | own


def command(service: ServiceSettings, folder: Path) -> list[str]:
    """Write the configuration to `folder`; return the command that serves it."""
    limits.write_initial_limits(folder, service)
    shards.Shards(service, folder).write()
    configuration = folder / "nginx.conf"
    configuration.write_text(render(TEMPLATE.read_text(), names(service, folder)))
    return [PROGRAM, "-p", str(folder), "-e", "stderr", "-c", str(configuration)]


def serve(argv: list[str], folder: Path, limits_folder: Path) -> int:
    """Run nginx and reload it when a shared file changes; return its exit code."""
    process = subprocess.Popen(argv)
    for number in SIGNALS:
        signal.signal(number, lambda received, _: process.send_signal(received))
    shared = [limits_folder / name for name in (limits.FILE, shards.FILE)]
    while process.poll() is None:
        for file in shared:
            if file.exists() and (folder / "nginx.pid").exists():
                files.update(folder / file.name, file.read_text())
        time.sleep(PAUSE)
    return process.returncode


def main() -> None:
    """Check the configuration, then serve; exit with nginx's exit code."""
    folder = Path(tempfile.mkdtemp(prefix="gateway-"))
    try:
        argv = command(load().service, folder)
    except (ConfigError, TemplateError) as error:
        sys.exit(str(error))
    if subprocess.run([*argv, "-t", "-q"]).returncode != 0:
        sys.exit("nginx rejected its configuration")
    sys.exit(serve(argv, folder, LIMITS_FOLDER))


if __name__ == "__main__":
    main()
