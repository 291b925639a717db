"""nginx: the gateway, from ``gateway/nginx.conf.template``.

The template may use these names, as ``${NAME}``; every other ``$`` is nginx's own:

- ``PORT``: where clients come in (``POSITION_MANAGER_PORT``)
- ``STACK_DIR``: a folder of nginx's own, for its pid file and temporary files
- ``GATEWAY_DIR``: a copy of ``gateway/`` that nginx's user can read
- ``POSTGREST_SERVER``: where PostgREST listens, as ``host:port`` or ``unix:/path``
- ``CORS_ORIGINS``: the origins that may ask from a browser, as a map block takes them
- ``TLS_LINES``: the port with TLS and its certificate, or nothing
- ``LOG_SOCKET``: where the gatekeeper reads the log, seen from where nginx is started
- ``WORKER_USER_LINE``: ``user www-data;`` as root, nothing as an ordinary user

Beside its configuration lies ``limits.conf``: see ``worker/gateway_limits.py``.
It is to log to stderr and /dev/stdout, and to stay in the foreground (``daemon off;``).
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from position_manager.cli.stack.context import LOCALHOST, ROOT, Context, StackError, write
from position_manager.cli.stack.launch import Spec
from position_manager.cli.stack.parts import CLEAN_ENV, STOPS, Part, digest, listening
from position_manager.worker import gateway_limits
from position_manager.worker.config import ServiceSettings, env_name
from position_manager.worker.gateway_log import SOCKET

GATEWAY = ROOT / "gateway"
TEMPLATE = GATEWAY / "nginx.conf.template"
PROGRAM = "/usr/sbin/nginx"
# What the page of the documentation is made of, besides its own two files.
DESCRIPTION = ROOT / "specs" / "001-position-management" / "contracts" / "openapi.yaml"
# Put there by `make`; see ops/viewer.
VIEWER = ROOT / ".venv" / "share" / "swagger-ui"


def part(context: Context) -> Part:
    """The gateway, with its configuration rendered and checked."""
    data = context.folder("nginx", "web", mode=0o755)
    pages = _copy_pages(data)
    configuration = data / "nginx.conf"
    begin_limits(context.service, data)
    configuration.write_text(render(TEMPLATE.read_text(), names(context, data)))
    # -e: else it first tries the system's log, which an ordinary user may not write.
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
    """What the template may use."""
    user = context.user("web")
    return service_names(context.service) | {
        "STACK_DIR": str(data),
        "GATEWAY_DIR": str(data / "gateway"),
        "POSTGREST_SERVER": f"{LOCALHOST}:{context.ports.postgrest_port}",
        "LOG_SOCKET": SOCKET,
        "WORKER_USER_LINE": "" if user is None else f"user {user};",
    }


def service_names(service: ServiceSettings) -> dict[str, str]:
    """What the template may use of the settings, wherever it is."""
    return {
        "PORT": str(service.port),
        "CORS_ORIGINS": "".join(f'"{origin}" "{origin}"; ' for origin in service.cors_origins),
        "TLS_LINES": _tls_lines(service),
    }


def _tls_lines(service: ServiceSettings) -> str:
    """A second door, with TLS; HTTP/2 would be more than its clients need."""
    certificate, key = service.tls_certificate, service.tls_key
    if certificate is None and key is None:
        return ""
    if certificate is None or key is None:
        names = [env_name(ServiceSettings, name) for name in ("tls_certificate", "tls_key")]
        raise StackError(f"{' and '.join(names)} belong together: set both or none")
    return (
        f"listen 0.0.0.0:{service.tls_port} ssl; "
        f"ssl_certificate {certificate}; ssl_certificate_key {key}; "
        "ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:tls:4m; ssl_session_tickets off;"
    )


def begin_limits(service: ServiceSettings, folder: Path) -> None:
    """What nginx starts with when nobody has told it of any key yet."""
    path = folder / gateway_limits.FILE
    if not path.exists():
        limits = gateway_limits.before_any_key(
            service.rate_limit_enabled, service.rate_limit_default
        )
        write(path, gateway_limits.configuration(limits))


def render(template: str, values: dict[str, str]) -> str:
    """Fill in the names; an unknown one is refused: nginx itself has none in capitals."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise StackError(f"{TEMPLATE} uses ${{{match[1]}}}, which the stack does not know")
        return values[match[1]]

    return re.sub(r"\$\{([A-Z_]+)\}", value, template)


def _copy_pages(data: Path) -> list[Path]:
    """Bring nginx's copy of the pages up to date; one that is stays as it is, being served."""
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
    """What nginx has a copy of, by where it is to be."""
    own = {str(path.relative_to(GATEWAY)): path for path in GATEWAY.rglob("*") if path.is_file()}
    viewer = {f"docs/{path.name}": path for path in VIEWER.glob("*") if path.is_file()}
    if not viewer:
        raise StackError(f"there is no Swagger UI in {VIEWER}: run make setup")
    return own | viewer | {"docs/openapi.yaml": DESCRIPTION}


def _check(argv: list[str]) -> None:
    done = subprocess.run([*argv, "-t", "-q"], env=CLEAN_ENV, capture_output=True, text=True)
    if done.returncode != 0:
        raise StackError(f"nginx refuses its configuration:\n{done.stderr}")
