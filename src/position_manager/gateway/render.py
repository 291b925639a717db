"""The configuration of nginx, rendered from ``gateway/nginx.conf.template``.

The template may use these names as ``${NAME}``; any other ``$`` belongs to nginx:

- ``LISTEN_LINES``: the addresses and the port for clients (``POSITION_MANAGER_PORT``)
- ``STACK_DIR``: the folder for nginx's pid file and temporary files
- ``GATEWAY_DIR``: a copy of ``gateway/`` that nginx's user can read
- ``POSTGREST_SERVER``, ``QUERIES_SERVER``, ``HEALTH_SERVER``: the addresses of the servers of
  PostgREST for the contract, for ``/rest/``, and for health and metrics
- ``READS_SERVERS``, ``QUERY_READS_SERVERS``: the servers that answer GET and HEAD of the contract
  and of ``/rest/``, as directives
- ``CORS_ORIGINS``: the origins that may send requests from a browser, as entries of a map block
- ``TLS_LINES``: the port with TLS and its certificate, or nothing
- ``LOG_SOCKET``, ``STREAM_SOCKET``: the sockets on which rate-limit-sync reads the log and the
  stream listens, relative to nginx's folder

``limits.conf`` lies beside the configuration: see :mod:`position_manager.gateway.limits`.
nginx must log to stderr and /dev/stdout and stay in the foreground (``daemon off;``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from position_manager.config.service import ServiceSettings
from position_manager.config.settings import ConfigError, env_name
from position_manager.paths import ROOT

GATEWAY = ROOT / "gateway"
TEMPLATE = GATEWAY / "nginx.conf.template"
PROGRAM = "/usr/sbin/nginx"
# Sockets in the folder that nginx shares with parts of the worker: nginx sends its log to
# rate-limit-sync, and asks the stream for events.
SOCKET = "log.sock"
STREAM_SOCKET = "stream.sock"


class TemplateError(Exception):
    """The template uses an unknown name."""


def service_names(
    service: ServiceSettings, addresses: Sequence[str], servers: dict[str, str]
) -> dict[str, str]:
    """The values of the names that depend on the settings and the addresses alone."""
    return {
        "LISTEN_LINES": _listen_lines(addresses, f"{service.port}"),
        "CORS_ORIGINS": "".join(f'"{origin}" "{origin}"; ' for origin in service.cors_origins),
        "TLS_LINES": _tls_lines(service, addresses),
        "READS_SERVERS": _reads(service, servers["POSTGREST_SERVER"], servers["STANDBY_SERVER"]),
        "QUERY_READS_SERVERS": _reads(
            service, servers["QUERIES_SERVER"], servers["STANDBY_QUERIES_SERVER"]
        ),
        **servers,
    }


def server_names(folder: str) -> dict[str, str]:
    """The addresses of PostgREST: sockets in a folder, named after the parts of the stack."""
    return {
        "POSTGREST_SERVER": f"unix:{folder}/postgrest.sock",
        "QUERIES_SERVER": f"unix:{folder}/postgrest-queries.sock",
        "HEALTH_SERVER": f"unix:{folder}/postgrest-health.sock",
        "STANDBY_SERVER": f"unix:{folder}/postgrest-standby.sock",
        "STANDBY_QUERIES_SERVER": f"unix:{folder}/postgrest-standby-queries.sock",
    }


def _reads(service: ServiceSettings, primary: str, standby: str) -> str:
    """The servers that answer GET and HEAD."""
    if not service.standby_reads:
        # Alone: nginx sends a request again to the only server when a kept connection was closed.
        return f"server {primary} max_fails=0;"
    # A standby is never skipped, or a client could have it skipped for all by a future X-Min-LSN.
    return f"server {standby} max_fails=0; server {primary} max_fails=0 backup;"


def _listen_lines(addresses: Sequence[str], port: str) -> str:
    hosts = (f"[{address}]" if ":" in address else address for address in addresses)
    return " ".join(f"listen {host}:{port};" for host in hosts)


def _tls_lines(service: ServiceSettings, addresses: Sequence[str]) -> str:
    """The directives of the TLS port, without HTTP/2, which no client needs; empty without TLS."""
    certificate, key = service.tls_certificate, service.tls_key
    if certificate is None and key is None:
        return ""
    if certificate is None or key is None:
        names = [env_name(ServiceSettings, name) for name in ("tls_certificate", "tls_key")]
        raise ConfigError(f"{' and '.join(names)}: set both or neither")
    return (
        f"{_listen_lines(addresses, f'{service.tls_port} ssl')} "
        f"ssl_certificate {certificate}; ssl_certificate_key {key}; "
        "ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:tls:4m; ssl_session_tickets off;"
    )


def render(template: str, values: dict[str, str]) -> str:
    """Replace the names by their values; raises TemplateError for an unknown name."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise TemplateError(f"{TEMPLATE} uses ${{{match[1]}}}, which has no value")
        return values[match[1]]

    return re.sub(r"\$\{([A-Z_]+)\}", value, template)
