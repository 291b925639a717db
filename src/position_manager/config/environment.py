"""The configuration, read from variables in this one place.

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
from position_manager.config.deploy import PublishSettings
from position_manager.config.service import ServiceSettings
from position_manager.config.settings import PREFIX, ConfigError, Group, accepted, env_name
from position_manager.config.stack import StackSettings

# Of clients, and partly in .stack/env: a process started with that file sourced must accept them.
CLIENT_NAMES = frozenset({"POSITION_MANAGER_URL", "POSITION_MANAGER_SHARD_DATABASES"})


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration."""

    service: ServiceSettings
    stack: StackSettings
    postgres: PostgresSettings
    rabbitmq: RabbitmqSettings
    publish: PublishSettings


_GROUPS: tuple[type[Group], ...] = (
    ServiceSettings,
    StackSettings,
    PostgresSettings,
    RabbitmqSettings,
    PublishSettings,
)


def load(variables: Mapping[str, str] = os.environ) -> Config:
    """Validate variables, by default the environment's; raise :class:`ConfigError`."""
    given = {name.upper(): value for name, value in variables.items()}
    refusals = list(_unknown_names(given))
    groups: dict[type[Group], Any] = {}
    for group in _GROUPS:
        try:
            groups[group] = group.read(given)
        except ValidationError as error:
            names = dict.fromkeys(str(item["loc"][0]) for item in error.errors())
            refusals += [_refusal(group, name, given) for name in names]
    if ServiceSettings in groups:
        refusals += _objections(groups[ServiceSettings])
    if refusals:
        raise ConfigError("\n".join(refusals))
    return Config(
        service=groups[ServiceSettings],
        stack=groups[StackSettings],
        postgres=groups[PostgresSettings],
        rabbitmq=groups[RabbitmqSettings],
        publish=groups[PublishSettings],
    )


def _objections(service: ServiceSettings) -> Iterator[str]:
    """Objections to settings that do not go together."""
    urls, secret = (env_name(ServiceSettings, f"webhook_{it}") for it in ("urls", "secret"))
    if service.webhook_urls and service.webhook_secret is None:
        yield f"{secret} is required with {urls}"
    if service.shard_servers and service.shard_map is None:
        file, servers = (env_name(ServiceSettings, f"shard_{it}") for it in ("map", "servers"))
        yield f"{file} is required with {servers}"
    if not service.webhook_allow_http and any(
        url.startswith("http://") for url in service.webhook_urls
    ):
        allow = env_name(ServiceSettings, "webhook_allow_http")
        yield f"{urls} has an address that starts with http://, which needs {allow}=true"


def known_names() -> frozenset[str]:
    """The names of all known variables."""
    return CLIENT_NAMES | {
        env_name(group, name) for group in _GROUPS for name in group.model_fields
    }


def _unknown_names(variables: Mapping[str, str]) -> Iterator[str]:
    known = known_names()
    for name in sorted(variables):
        if name.startswith(PREFIX) and name not in known:
            yield f"{name} is not a known setting: see env.example for all settings"


# The address of a webhook is often all that it takes to post to it.
TELLING = frozenset({"webhook_urls"})


def _refusal(group: type[Group], field: str, variables: Mapping[str, str]) -> str:
    name = env_name(group, field)
    info = group.model_fields[field]
    secret = "SecretStr" in str(info.annotation) or field in TELLING
    value = "" if secret else f"={variables.get(name, '')}"
    return f"{name}{value} is invalid: it must be {accepted(info)}"
