"""nginx: the gateway of the stack; see :mod:`position_manager.gateway.render`."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from position_manager.gateway import limits, shards
from position_manager.gateway.render import (
    GATEWAY,
    PROGRAM,
    SOCKET,
    STREAM_SOCKET,
    TEMPLATE,
    render,
    server_names,
    service_names,
)
from position_manager.paths import ROOT
from position_manager.stack import postgrest
from position_manager.stack.context import Context, StackError
from position_manager.stack.launch import Spec, as_user
from position_manager.stack.parts import CLEAN_ENV, STOPS, Part, digest, listening

# So that the gateway of a stack started as root may have a port below 1024.
CAPABILITIES = ["net_bind_service"]
# The OpenAPI document that the documentation page shows.
DESCRIPTION = ROOT / "specs" / "001-position-management" / "contracts" / "openapi.yaml"
FOLDER = "nginx"
WEB = ROOT / "web"
# What the pages load of others, installed by `make setup`; see ops/npm.
FETCHED = ROOT / ".venv" / "share" / "pages"


def check(context: Context) -> None:
    """Raise StackError when nginx refuses the settings; the files of a running one stay."""
    with tempfile.TemporaryDirectory(prefix="nginx-", dir=context.data) as folder:
        data = Path(folder)
        _write_files(context, data)
        log = data / "log"
        context.owned_file(log, "", "web")
        argv = as_user(context.user("web"), [*command(data), "-t", "-q"], CAPABILITIES)
        with log.open("r+") as output:
            done = subprocess.run(argv, env=CLEAN_ENV, stdout=output, stderr=output)
        if done.returncode != 0:
            raise StackError(f"nginx rejected its configuration:\n{log.read_text()}")


def part(context: Context) -> Part:
    """The gateway."""
    data = context.folder(FOLDER, "web", mode=0o755)
    files = _write_files(context, data)
    return Part(
        name="nginx",
        spec=Spec(
            argv=command(data),
            env=CLEAN_ENV,
            cwd=str(data),
            user=context.user("web"),
            capabilities=CAPABILITIES,
            stop_signal=STOPS["nginx"][0],
            inputs={"files": digest(*files)},
        ),
        ready=lambda: listening(context.service.port),
    )


def command(data: Path) -> list[str]:
    """The command that serves the configuration in `data`."""
    # -e: otherwise nginx first opens the system's log, which an ordinary user cannot write.
    return [PROGRAM, "-p", str(data), "-e", "stderr", "-c", str(data / "nginx.conf")]


def names(context: Context, data: Path) -> dict[str, str]:
    """The values of all names of the template."""
    own = {
        "STACK_DIR": str(data),
        "GATEWAY_DIR": str(data / "gateway"),
        "LOG_SOCKET": SOCKET,
        "STREAM_SOCKET": f"../{FOLDER}/{STREAM_SOCKET}",
    }
    # Relative to the folder in which nginx runs: a whole path may be too long for a socket.
    servers = server_names(f"../{postgrest.FOLDER}")
    return service_names(context.service, context.config.addresses(), servers) | own


def _write_files(context: Context, data: Path) -> list[Path]:
    """Write the files of nginx; return those that it reads at its start only."""
    pages = copy_pages(data)
    configuration = data / "nginx.conf"
    limits.write_initial_limits(data, context.service)
    shards.Shards(context.service, data).write()
    configuration.write_text(render(TEMPLATE.read_text(), names(context, data)))
    # A root that ran nginx before, or a kill, may have left the others.
    files = (limits.FILE, shards.FILE, "nginx.pid")
    ours = (data, configuration, *(data / name for name in files))
    context.give("web", *(path for path in ours if path.exists()))
    return [configuration, *(file for file in pages if file.suffix == ".conf")]


def copy_pages(data: Path) -> list[Path]:
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
    fetched = _files(FETCHED)
    if not fetched:
        raise StackError(f"libraries of the pages are missing in {FETCHED}: run  make setup")
    own = _files(GATEWAY) | {f"web/{name}": path for name, path in _files(WEB).items()}
    return own | fetched | {"docs/openapi.yaml": DESCRIPTION}


def _files(folder: Path) -> dict[str, Path]:
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
