"""nginx: the gateway of the stack; see :mod:`position_manager.gateway.render`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from position_manager.gateway import limits
from position_manager.gateway.render import (
    GATEWAY,
    PROGRAM,
    SOCKET,
    TEMPLATE,
    render,
    server_names,
    service_names,
)
from position_manager.paths import ROOT
from position_manager.stack import postgrest
from position_manager.stack.context import Context, StackError
from position_manager.stack.launch import Spec
from position_manager.stack.parts import CLEAN_ENV, STOPS, Part, digest, listening

# The OpenAPI document that the documentation page shows.
DESCRIPTION = ROOT / "specs" / "001-position-management" / "contracts" / "openapi.yaml"
# Installed by `make setup`; see ops/viewer.
VIEWER = ROOT / ".venv" / "share" / "swagger-ui"


def part(context: Context) -> Part:
    """The gateway, with its configuration rendered and checked."""
    data = context.folder("nginx", "web", mode=0o755)
    pages = _copy_pages(data)
    configuration = data / "nginx.conf"
    limits.write_initial_limits(data, context.service)
    configuration.write_text(render(TEMPLATE.read_text(), names(context, data)))
    # -e: otherwise nginx first opens the system's log, which an ordinary user cannot write.
    argv = [PROGRAM, "-p", str(data), "-e", "stderr", "-c", str(configuration)]
    _check(argv)
    return Part(
        name="nginx",
        spec=Spec(
            argv=argv,
            env=CLEAN_ENV,
            cwd=str(data),
            stop_signal=STOPS["nginx"][0],
            inputs={"configuration": digest(configuration), "pages": digest(*pages)},
        ),
        ready=lambda: listening(context.service.port),
    )


def names(context: Context, data: Path) -> dict[str, str]:
    """The values of all names of the template."""
    user = context.user("web")
    names = {
        "STACK_DIR": str(data),
        "GATEWAY_DIR": str(data / "gateway"),
        "LOG_SOCKET": SOCKET,
        "WORKER_USER_LINE": "" if user is None else f"user {user};",
    }
    # Relative to the folder in which nginx runs: a whole path may be too long for a socket.
    return service_names(context.service) | server_names(f"../{postgrest.FOLDER}") | names


def _copy_pages(data: Path) -> list[Path]:
    """Update nginx's copy of the pages; an up-to-date copy is not touched while it is served."""
    pages = _pages()
    copy = data / "gateway"
    files = {file: copy / file for file in sorted(pages)}
    current = sorted(path for path in copy.rglob("*") if path.is_file())
    if current != list(files.values()) or digest(*current) != digest(
        *(pages[file] for file in files)
    ):
        partial = data / "gateway.new"
        for old in (partial, copy):
            shutil.rmtree(old, ignore_errors=True)
        for file, source in pages.items():
            (partial / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, partial / file)
        for path in (partial, *partial.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        partial.rename(copy)
    return list(files.values())


def _pages() -> dict[str, Path]:
    """The files that nginx serves or includes, by their path in its copy."""
    own = {str(path.relative_to(GATEWAY)): path for path in GATEWAY.rglob("*") if path.is_file()}
    viewer = {f"docs/{path.name}": path for path in VIEWER.glob("*") if path.is_file()}
    if not viewer:
        raise StackError(f"Swagger UI is missing in {VIEWER}: run  make setup")
    return own | viewer | {"docs/openapi.yaml": DESCRIPTION}


def _check(argv: list[str]) -> None:
    done = subprocess.run([*argv, "-t", "-q"], env=CLEAN_ENV, capture_output=True, text=True)
    if done.returncode != 0:
        raise StackError(f"nginx rejected its configuration:\n{done.stderr}")
