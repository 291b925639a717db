"""The configuration, read from the environment in this one place.

The worker, the command line and the private stack all use :func:`load`. An unknown name that starts
with ``POSITION_MANAGER_``, or a value out of range, is an error: a misspelled limit must not
silently mean no limit.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from position_manager.config.broker import RabbitmqSettings
from position_manager.config.database import PostgresSettings
from position_manager.config.service import ServiceSettings
from position_manager.config.settings import PREFIX, ConfigError, Group, accepted, env_name
from position_manager.config.stack import StackSettings

# Written to .stack/env for clients; a process started with that file sourced must accept it.
CLIENT_NAMES = frozenset({"POSITION_MANAGER_URL"})


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration."""

    service: ServiceSettings
    stack: StackSettings
    postgres: PostgresSettings
    rabbitmq: RabbitmqSettings


_GROUPS: tuple[type[Group], ...] = (
    ServiceSettings,
    StackSettings,
    PostgresSettings,
    RabbitmqSettings,
)


def load() -> Config:
    """Read and validate the environment; raise :class:`ConfigError` with all errors."""
    refusals = list(_unknown_names(os.environ))
    groups: dict[type[Group], Any] = {}
    for group in _GROUPS:
        try:
            groups[group] = group()
        except ValidationError as error:
            refusals += dict.fromkeys(_refusal(group, item["loc"]) for item in error.errors())
    if refusals:
        raise ConfigError("\n".join(refusals))
    return Config(
        service=groups[ServiceSettings],
        stack=groups[StackSettings],
        postgres=groups[PostgresSettings],
        rabbitmq=groups[RabbitmqSettings],
    )


def known_names() -> frozenset[str]:
    """The names of all known variables."""
    return CLIENT_NAMES | {
        env_name(group, name) for group in _GROUPS for name in group.model_fields
    }


def _unknown_names(environ: Mapping[str, str]) -> Iterator[str]:
    known = known_names()
    for name in sorted(environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            yield f"{name} is not a known setting: see env.example for all settings"


def _refusal(group: type[Group], loc: tuple[int | str, ...]) -> str:
    field = str(loc[0])
    name = env_name(group, field)
    info = group.model_fields[field]
    secret = "SecretStr" in str(info.annotation)
    value = "" if secret else f"={os.environ.get(name, '')}"
    return f"{name}{value} is invalid: it must be {accepted(info)}"
