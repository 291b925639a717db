"""Write ``env.example`` from the settings: ``python -m position_manager.config.env_example``.

A setting with an example is set to it, for Docker Compose; any other is a comment that shows the
default. Variables that only Docker Compose, libpq or clients read are described here.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from position_manager.config.broker import RabbitmqSettings
from position_manager.config.database import PostgresSettings
from position_manager.config.deploy import DeploySettings, PublishSettings
from position_manager.config.service import GatewaySettings, ServiceSettings, WorkerSettings
from position_manager.config.settings import Group, as_text, env_name
from position_manager.config.shards import ShardSettings
from position_manager.config.stack import StackSettings
from position_manager.paths import ROOT

FILE = ROOT / "env.example"
WIDTH = 96

HEAD = (
    "All environment variables. For docker-compose.yml:  cp env.example .env\n\n"
    "The worker and the command line read the same variables; commented values are their defaults."
    " Startup fails and names any unknown POSITION_MANAGER_* variable or out-of-range value. An"
    " empty value counts as unset.\n\n"
    "`make up` reads POSITION_MANAGER_* and PUBLISH_ADDRESS from the environment and from .env; the"
    " environment comes first. It ignores the example key. Settings stay as they were at the last"
    " start until another value is set; an empty value restores the default.\n\n"
    "Generated from the settings in src/position_manager/config:\n"
    "  .venv/bin/python -m position_manager.config.env_example"
)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the environment."""

    name: str
    description: str
    value: str = ""
    is_set: bool = False
    is_secret: bool = False

    def lines(self) -> Iterator[str]:
        """The description as a comment, then the value or the default."""
        yield from _comment(self.description)
        yield f"{'' if self.is_set else '# '}{self.name}={self.value}"


@dataclass(frozen=True, slots=True)
class Section:
    """Variables under a title."""

    title: str
    variables: Iterable[Variable]
    introduction: str = ""

    def lines(self) -> Iterator[str]:
        """The title, the introduction and every variable."""
        yield ""
        yield f"# --- {self.title} ".ljust(WIDTH, "-")
        yield from _comment(self.introduction)
        yield ""
        for variable in self.variables:
            yield from variable.lines()


def variables_of(group: type[Group]) -> list[Variable]:
    """The variables of a group of settings, in order."""
    return [
        Variable(
            name=env_name(group, field),
            description=info.description or "",
            value=(info.examples or [as_text(info.get_default(call_default_factory=True))])[0],
            is_set=info.examples is not None,
            is_secret="SecretStr" in str(info.annotation),
        )
        for field, info in group.model_fields.items()
    ]


def sections() -> Iterator[Section]:
    """All sections of the file, in order."""
    service, deploy = variables_of(ServiceSettings), variables_of(DeploySettings)
    postgres, rabbitmq = variables_of(PostgresSettings), variables_of(RabbitmqSettings)
    gateway, worker = variables_of(GatewaySettings), variables_of(WorkerSettings)
    shards = variables_of(ShardSettings)
    everything = [*service, *postgres, *deploy, *rabbitmq]

    def others(variables: list[Variable], *elsewhere: Variable) -> list[Variable]:
        return [each for each in variables if not each.is_secret and each not in elsewhere]

    yield Section(
        "secrets",
        [each for each in everything if each.is_secret and each not in worker],
        "Public defaults: for local use only. To replace them:  ops/docker/secrets .env\n"
        "Use letters, digits and . _ ~ - only.",
    )
    yield Section(
        "containers", [*PROFILES, *variables_of(PublishSettings), *PUBLISHED_PORTS, *IMAGES]
    )
    yield Section(
        "PostgreSQL",
        [*others(postgres), *others(deploy), SSL_MODE, GRAFANA_SSL_MODE],
        "Version 15 or newer. These values are for containers; elsewhere the default is the private"
        " stack at 127.0.0.1, port 28432.",
    )
    yield Section(
        "RabbitMQ",
        others(rabbitmq),
        "These values are for containers; elsewhere the default is the private stack at 127.0.0.1,"
        " port 28672.",
    )
    yield Section("the service", others(service, *gateway, *worker, *shards))
    yield Section("the gateway", gateway)
    yield Section("the worker", worker)
    yield Section("several databases", shards)
    yield Section(
        "the private stack of `make up`",
        variables_of(StackSettings),
        "Not used by containers. All these ports are on 127.0.0.1.",
    )
    yield Section(
        "clients",
        CLIENTS,
        "`make up` writes these to .stack/env for clients on this machine. The command line reads"
        " them.",
    )


PROFILES = [
    Variable(
        "COMPOSE_PROFILES",
        "local runs PostgreSQL and RabbitMQ in containers; shared uses the servers at POSTGRES_HOST"
        " and RABBITMQ_HOST. local,monitoring adds Prometheus and Grafana.",
        "local",
        is_set=True,
    )
]
PUBLISHED_PORTS = [
    Variable(name, f"Published port of {part} (profile {profile} only).", port, is_set=True)
    for name, part, port, profile in (
        ("POSTGRES_PUBLISHED_PORT", "the database", "4832", "local"),
        ("RABBITMQ_PUBLISHED_PORT", "the broker", "4872", "local"),
        ("RABBITMQ_MANAGEMENT_PUBLISHED_PORT", "the broker's management pages", "4815", "local"),
        ("PROMETHEUS_PUBLISHED_PORT", "Prometheus", "4890", "monitoring"),
        ("GRAFANA_PUBLISHED_PORT", "Grafana", "4830", "monitoring"),
    )
]
IMAGES = [
    Variable(
        "DEBIAN_IMAGE",
        "Base of the images that are built here: Debian 12 or 13, whose programs back up PostgreSQL"
        " 15 or 17. This and the next five by digest: SECURITY.md.",
        "debian:12-slim",
    ),
    Variable("POSTGRES_IMAGE", "Base of the database's image.", "postgres:15-bookworm"),
    Variable("RABBITMQ_IMAGE", "Image of the broker.", "rabbitmq:3-management"),
    Variable("POSTGREST_IMAGE", "Image of PostgREST.", "postgrest/postgrest:v12.0.2"),
    Variable("PROMETHEUS_IMAGE", "Image of Prometheus.", "prom/prometheus:v2.53.4"),
    Variable("GRAFANA_IMAGE", "Image of Grafana.", "grafana/grafana:11.6.0"),
]
GRAFANA_SSL_MODE = Variable(
    "GRAFANA_SSL_MODE",
    "Of Grafana's connection: disable, require, verify-ca or verify-full.",
    "disable",
)
SSL_MODE = Variable(
    "PGSSLMODE",
    "disable, prefer, require, verify-ca or verify-full, as in libpq.",
    "prefer",
    is_set=True,
)
CLIENTS = [
    Variable("POSITION_MANAGER_URL", "Address of the gateway."),
    Variable("DATABASE_URL", "Connection string of the operator role."),
    Variable("RABBITMQ_URL", "AMQP URL of the broker."),
    Variable(
        "POSITION_MANAGER_SHARD_DATABASES",
        "JSON file with the connection string of each shard, which the operator writes.",
    ),
]


def text() -> str:
    """The whole file."""
    lines = [*_comment(HEAD), *(line for section in sections() for line in section.lines())]
    return "\n".join(lines) + "\n"


def _comment(paragraphs: str) -> Iterator[str]:
    for paragraph in paragraphs.splitlines():
        yield from (
            (f"# {line}" for line in textwrap.wrap(paragraph, WIDTH, break_on_hyphens=False))
            if paragraph
            else "#"
        )


if __name__ == "__main__":
    FILE.write_text(text())
