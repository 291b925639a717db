"""The configuration, read from the environment once, in this one place.

Every name, its default and its range stand here; the worker, the command line and the private
stack all use :func:`load`. A name that starts with ``POSITION_MANAGER_`` and is not known, or a
value outside its range, is refused with the name and the range: a limit that was misspelt must
not silently be no limit.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from psycopg.conninfo import make_conninfo
from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "POSITION_MANAGER_"
STACK_PREFIX = "POSITION_MANAGER_STACK_"

# Written to .stack/env for clients; sourcing that file before starting us must not be an error.
CLIENT_NAMES = frozenset({"POSITION_MANAGER_URL"})


class ConfigError(Exception):
    """The environment holds something that is refused; one line per refusal."""


def _split(value: object) -> object:
    """Turn ``a,b`` into its parts; an empty list stays an error of the range."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _limits(value: object) -> object:
    """Turn ``name:limit,…`` into a mapping."""
    if not isinstance(value, str):
        return value
    limits: dict[str, str] = {}
    for part in (part.strip() for part in value.split(",") if part.strip()):
        name, separator, limit = part.partition(":")
        if not separator or name.strip() in limits:
            raise ValueError("each name once, as name:limit")
        limits[name.strip()] = limit.strip()
    return limits


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _key(value: object) -> object:
    """A key must survive a header, a shell and a URL as it is."""
    if isinstance(value, str) and not re.fullmatch(r"[A-Za-z0-9._~+/=-]{8,200}", value):
        raise ValueError("not a key")
    return value


def _origin(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"https?://[A-Za-z0-9.-]{1,253}(:\d+)?", value):
        raise ValueError("not an origin")
    return value


def _file(value: object) -> object:
    """A path that may stand in nginx's configuration as it is."""
    if isinstance(value, str) and not re.fullmatch(r"/[A-Za-z0-9._/-]{1,400}", value):
        raise ValueError("not a path")
    return value


def _web_address(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"https?://[!-~]{1,2000}", value):
        raise ValueError("not an address")
    return value


Key = Annotated[SecretStr, BeforeValidator(_key)]
Port = Annotated[int, Field(ge=1, le=65535)]
Fraction = Annotated[Decimal, Field(ge=0, le=1)]
QueueName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,200}$")]
Queues = Annotated[
    tuple[QueueName, ...], NoDecode, BeforeValidator(_split), Field(min_length=1, max_length=20)
]
Origins = Annotated[
    tuple[Annotated[str, BeforeValidator(_origin)], ...],
    NoDecode,
    BeforeValidator(_split),
    Field(max_length=20),
]
File = Annotated[Path, BeforeValidator(_file)]
WebAddress = Annotated[str, BeforeValidator(_web_address)]
KeyName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Limits = Annotated[
    dict[KeyName, Annotated[int, Field(ge=1, le=1_000_000)]], NoDecode, BeforeValidator(_limits)
]
LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)
]


class _Group(BaseSettings):
    """A group of settings that share a prefix; an empty value counts as absent."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)


class ServiceSettings(_Group):
    """``POSITION_MANAGER_*``: what the service does."""

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    port: Port = 4800
    api_key: Key | None = None
    log_level: LogLevel = "INFO"
    service_name: str = Field("position-manager", pattern=r"^[A-Za-z0-9._-]{1,64}$")

    snapshot_interval: int = Field(3600, ge=1, le=604_800)
    snapshot_retention_days: int = Field(365, ge=1, le=3650)
    validation_interval: int = Field(1800, ge=1, le=604_800)
    verification_interval: int = Field(300, ge=60, le=604_800)
    use_ws_avg_price: bool = True
    avg_price_diff_threshold: Fraction = Decimal("0.001")
    size_validation_threshold: Decimal = Field(Decimal("0.0001"), ge=0, le=1_000_000)
    price_staleness_threshold: int = Field(300, ge=1, le=86_400)
    price_retention_days: int = Field(400, ge=1, le=3650)
    venue_adoption_delay: int = Field(5, ge=0, le=3600)
    portfolio_history_interval: int = Field(60, ge=60, le=86_400)
    portfolio_history_retention_days: int = Field(400, ge=1, le=3650)
    optimistic_lock_retries: int = Field(3, ge=0, le=100)
    optimistic_lock_backoff_base: int = Field(100, ge=1, le=60_000)
    rate_limit_enabled: bool = True
    rate_limit_default: int = Field(100, ge=1, le=1_000_000)
    rate_limit_overrides: Limits = Field(default_factory=dict)
    cors_origins: Origins = ()
    tls_certificate: File | None = None
    tls_key: File | None = None
    tls_port: Port = 4843
    portfolio_max_exposure_usdt: Decimal | None = Field(None, gt=0, le=Decimal("1e18"))
    portfolio_event_interval_ms: int = Field(1000, ge=1, le=3_600_000)

    order_queues: Queues = ("order-manager.order_events", "order-manager.order_executed")
    position_queues: Queues = ("ws-gateway.position",)
    price_queues: Queues = ("ws-gateway.ticker",)
    events_exchange: QueueName = "position-manager.events"
    dead_letter_exchange: QueueName = "position-manager.dead-letters"
    legacy_queue_ttl_ms: int = Field(86_400_000, ge=1000, le=604_800_000)
    legacy_queue_max_length: int = Field(100_000, ge=1, le=10_000_000)
    batch_size: int = Field(1000, ge=1, le=10_000)
    batch_wait_ms: int = Field(50, ge=1, le=10_000)
    message_max_bytes: int = Field(262_144, ge=1024, le=16_777_216)
    report_interval_ms: int = Field(1000, ge=100, le=2000)
    retry_backoff_max_ms: int = Field(5000, ge=100, le=60_000)
    price_api_url: WebAddress | None = None
    # Whoever stops the worker waits for what it has in hand, and not for long.
    price_api_timeout: int = Field(5, ge=1, le=5)

    def for_database(self) -> dict[str, Any]:
        """What ``pms.settings`` is loaded with: amounts as text, never as float."""
        kept_here = {"port", "api_key", "log_level"} | {
            name
            for name in type(self).model_fields
            if name.endswith(_WORKER_ONLY) or name.startswith(_GATEWAY_ONLY)
        }
        return self.model_dump(mode="json", exclude=kept_here)

    def environment(self) -> dict[str, str]:
        """What was set, as variables again: for a process that is to read the same settings."""
        return {
            env_name(type(self), name): _as_text(value)
            for name in sorted(self.model_fields_set - {"api_key"})
            if (value := getattr(self, name)) is not None
        }


_GATEWAY_ONLY = ("cors_", "tls_")
_WORKER_ONLY = (
    "_queues",
    "_exchange",
    "legacy_queue_ttl_ms",
    "legacy_queue_max_length",
    "batch_size",
    "batch_wait_ms",
    "message_max_bytes",
    "report_interval_ms",
    "retry_backoff_max_ms",
    "price_api_url",
    "price_api_timeout",
)


class StackSettings(_Group):
    """``POSITION_MANAGER_STACK_*``: where the private stack lives and listens.

    The ports are below those that Linux gives to outgoing connections (from 32768 on): one of these
    could hold the port of a part just when it is to start again.
    """

    model_config = SettingsConfigDict(env_prefix=STACK_PREFIX)

    dir: Path | None = None
    postgres_port: Port = 28432
    rabbitmq_port: Port = 28672
    rabbitmq_dist_port: Port = 28673
    epmd_port: Port = 28369
    postgrest_port: Port = 28300
    postgrest_admin_port: Port = 28301
    supervisor_port: Port = 28901


class PostgresSettings(_Group):
    """``POSTGRES_*``: the database as the worker reaches it."""

    model_config = SettingsConfigDict(env_prefix="POSTGRES_")

    host: str = "127.0.0.1"
    port: Port = 28432
    db: str = "position_manager"
    user: str = "pms_worker"
    password: SecretStr = SecretStr("")

    def conninfo(self, application_name: str) -> str:
        """A libpq connection string; the name is what ``pg_stat_activity`` shows."""
        return make_conninfo(
            host=self.host,
            port=self.port,
            dbname=self.db,
            user=self.user,
            password=self.password.get_secret_value(),
            application_name=application_name,
        )


class RabbitmqSettings(_Group):
    """``RABBITMQ_*``: the broker as the worker reaches it."""

    model_config = SettingsConfigDict(env_prefix="RABBITMQ_")

    host: str = "127.0.0.1"
    port: Port = 28672
    user: str = "position_manager"
    password: SecretStr = SecretStr("")


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the environment says."""

    service: ServiceSettings
    stack: StackSettings
    postgres: PostgresSettings
    rabbitmq: RabbitmqSettings


_GROUPS: tuple[type[_Group], ...] = (
    ServiceSettings,
    StackSettings,
    PostgresSettings,
    RabbitmqSettings,
)


def load() -> Config:
    """Read and check the whole environment; raise :class:`ConfigError` with every refusal."""
    refusals = list(_unknown_names(os.environ))
    groups: dict[type[_Group], Any] = {}
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


def env_name(group: type[_Group], field: str) -> str:
    """The environment variable that sets `field`."""
    return f"{group.model_config.get('env_prefix', '')}{field}".upper()


def _as_text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, dict):
        return ",".join(f"{name}:{limit}" for name, limit in value.items())
    return str(value)


def known_names() -> frozenset[str]:
    """Every variable of ours that is understood."""
    return CLIENT_NAMES | {
        env_name(group, name) for group in _GROUPS for name in group.model_fields
    }


def _unknown_names(environ: Mapping[str, str]) -> Iterator[str]:
    known = known_names()
    for name in sorted(environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            yield f"{name} is not a setting of ours; see env.example for those that are"


def _refusal(group: type[_Group], loc: tuple[int | str, ...]) -> str:
    field = str(loc[0])
    name = env_name(group, field)
    info = group.model_fields[field]
    secret = "SecretStr" in str(info.annotation)
    given = "" if secret else f"={os.environ.get(name, '')}"
    return f"{name}{given} is refused: it must be {describe(field, info)}"


def describe(field: str, info: FieldInfo) -> str:
    """What a setting may be, in words: ``a whole number from 1 to 65535``."""
    kind = str(info.annotation)
    if field == "rate_limit_overrides":
        return "name:limit,… with each name once and each limit a whole number from 1 to 1000000"
    if field == "api_key":
        return "8 to 200 letters, digits and . _ ~ + / = -"
    if field == "cors_origins":
        return "up to 20 origins such as https://page.example:8443, separated by commas"
    if field in ("tls_certificate", "tls_key"):
        return "the absolute path of a file, of letters, digits and . _ / -"
    if field == "price_api_url":
        return "an address that starts with http:// or https://"
    if field.endswith("_queues"):
        return "1 to 20 queue names, separated by commas, of letters, digits and . _ : -"
    if "Literal" in kind:
        return "DEBUG, INFO, WARNING, ERROR or CRITICAL"
    if "bool" in kind:
        return "true or false"
    noun = "a whole number" if "int" in kind else "a number" if "Decimal" in kind else "text"
    limits = {
        key: getattr(item, key)
        for item in info.metadata
        for key in ("gt", "ge", "le", "pattern")
        if getattr(item, key, None) is not None
    }
    if "pattern" in limits:
        return f"text that matches {limits['pattern']}"
    if "gt" in limits:
        return f"{noun} above {limits['gt']} and at most {limits['le']:f}"
    if "ge" in limits:
        return f"{noun} from {limits['ge']} to {limits['le']}"
    return noun
