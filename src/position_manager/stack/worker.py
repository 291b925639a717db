"""The parts of the worker: ingest, relay, rate-limit-sync and stream."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from position_manager.gateway.render import STREAM_SOCKET
from position_manager.paths import ROOT
from position_manager.stack import nginx, rabbitmq
from position_manager.stack.context import DATABASE, LOCALHOST, Context
from position_manager.stack.launch import Spec
from position_manager.stack.parts import CLEAN_ENV, Part, answers_on, digest, record_of

# The packages that the worker uses; a change restarts its parts.
CODE = ("config", "gateway", "worker")


def rate_limit_sync_part(context: Context) -> Part:
    """The rate-limit sync, which writes to nginx's folder."""
    return part(context, "rate-limit-sync", "--folder", str(_shared(context)), role="web")


def stream_part(context: Context) -> Part:
    """The stream, whose socket is in nginx's folder."""
    folder = _shared(context)
    own = stream_variables(context)
    stream = part(context, "stream", "--folder", str(folder), role="web", own=own)
    return replace(stream, ready=lambda: answers_on(folder / STREAM_SOCKET, "/ready"))


def _shared(context: Context) -> Path:
    """nginx's folder."""
    folder: Path = context.folder(nginx.FOLDER, "web", mode=0o755)
    return folder


def part(
    context: Context,
    name: str,
    *arguments: str,
    role: str = "worker",
    own: Mapping[str, str] = MappingProxyType({}),
) -> Part:
    """``python -m position_manager.worker NAME``, which gives up root for the user of `role`.

    `own`: variables that differ from those of the other parts.
    """
    user = context.user(role)
    as_user = () if user is None else ("--user", user)
    packages = (ROOT / "src" / "position_manager" / name for name in CODE)
    code = sorted(file for package in packages for file in package.rglob("*.py"))
    return Part(
        name=name,
        spec=Spec(
            argv=[sys.executable, "-m", "position_manager.worker", name, *arguments, *as_user],
            env=CLEAN_ENV | environment(context) | dict(own),
            cwd=str(ROOT),
            inputs={"code": digest(*code), "packages": digest(ROOT / "requirements.lock")},
        ),
        ready=lambda: _runs(context, name),
    )


def environment(context: Context) -> dict[str, str]:
    """The environment of the worker: the settings of the service and its connections."""
    return context.service.environment() | {
        "POSTGRES_HOST": LOCALHOST,
        "POSTGRES_PORT": str(context.ports.postgres_port),
        "POSTGRES_DB": DATABASE,
        "POSTGRES_USER": "pms_worker",
        "POSTGRES_PASSWORD": context.secrets.pms_worker,
        "RABBITMQ_HOST": LOCALHOST,
        "RABBITMQ_PORT": str(context.ports.rabbitmq_port),
        "RABBITMQ_USER": rabbitmq.WORKER,
        "RABBITMQ_PASSWORD": context.secrets.rabbitmq_worker,
    }


def stream_variables(context: Context) -> dict[str, str]:
    """Those of the stream that differ from the other parts': it has a role of its own."""
    return {"POSTGRES_USER": "pms_stream", "POSTGRES_PASSWORD": context.secrets.pms_stream}


def _runs(context: Context, name: str) -> bool:
    record = record_of(context, name)
    return record is not None and record.alive()
