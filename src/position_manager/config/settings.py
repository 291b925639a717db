"""The types of settings, with texts that describe the accepted values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self, get_args
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic.fields import FieldInfo

from position_manager.names import account_name, is_name

# Stands for every account.
ALL_ACCOUNTS = "*"

PREFIX = "POSITION_MANAGER_"

# The highest number of a shard.
MAX_SHARD = 999
MAX_PORT = 65535


class ConfigError(Exception):
    """The environment is invalid; the text has one line per error."""


def _split(value: object) -> object:
    """Split ``a,b``; an empty list is left to the check of the range."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _limits(value: object) -> object:
    """Parse ``name:limit,…`` into a mapping."""
    if not isinstance(value, str):
        return value
    limits: dict[str, str] = {}
    for part in (part.strip() for part in value.split(",") if part.strip()):
        name, separator, limit = part.partition(":")
        if not separator or name.strip() in limits:
            raise ValueError("must be name:limit,… with each name once")
        limits[name.strip()] = limit.strip()
    return limits


def _producers(value: object) -> object:
    """Parse ``name:account+account,…`` into a mapping."""
    if not isinstance(value, str):
        return value
    producers: dict[str, tuple[str, ...]] = {}
    for part in (part.strip() for part in value.split(",") if part.strip()):
        name, separator, accounts = part.partition(":")
        if not separator or name.strip() in producers:
            raise ValueError("must be name:account+account,… with each name once")
        # A sign that separates names is encoded within one, as in a URL.
        producers[name.strip()] = tuple(
            account_name(unquote(account)) for account in accounts.split("+")
        )
    return producers


def _servers(value: tuple[str, ...]) -> tuple[str, ...]:
    numbers = [int(server.partition("=")[0]) for server in value]
    if len(set(numbers)) < len(numbers):
        raise ValueError("must have each number once")
    for server in value:
        place = server.partition("=")[2]
        if not place.startswith("/"):
            host, *ports = place.rsplit(":", 2)
            # nginx would not start while a name cannot be resolved.
            ip_address(host.strip("[]"))
            if max(map(int, ports)) > MAX_PORT:
                raise ValueError(f"must have ports up to {MAX_PORT}")
    return value


def _account(value: str) -> str:
    if value != ALL_ACCOUNTS and not is_name(value):
        raise ValueError("must be names of accounts, or * for all")
    return value


def _endpoint(value: str) -> str:
    """Refuse an address whose host or port nothing could connect to."""
    parts = urlsplit(value)
    host = parts.hostname
    if not host or parts.port == 0:
        raise ValueError("must have a host, and a port from 1 to 65535 if any")
    # As it is looked up: labels have 1 to 63 characters.
    host.encode("idna")
    return value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _matches(pattern: str) -> BeforeValidator:
    """Refuse text that does not match, such as text that nginx or a URL would need to escape."""

    def check(value: object) -> object:
        if isinstance(value, str) and not re.fullmatch(pattern, value):
            raise ValueError(f"must match {pattern}")
        return value

    return BeforeValidator(check)


@dataclass(frozen=True, slots=True)
class Accepts:
    """Describes the accepted values of a type."""

    text: str


Key = Annotated[
    SecretStr,
    _matches(r"[A-Za-z0-9._~+/=-]{8,200}"),
    Accepts("8 to 200 letters, digits and . _ ~ + / = -"),
]
Port = Annotated[int, Field(ge=1, le=65535)]
# libpq's forms of several servers.
Hosts = Annotated[
    tuple[Annotated[str, _matches(r"[A-Za-z0-9._:%/-]{1,253}")], ...],
    BeforeValidator(_split),
    Field(min_length=1, max_length=10),
    Accepts("1 to 10 names or addresses of servers, separated by commas"),
]
Ports = Annotated[
    tuple[Port, ...],
    BeforeValidator(_split),
    Field(min_length=1, max_length=10),
    Accepts("a whole number from 1 to 65535, or one for each host, separated by commas"),
]
Fraction = Annotated[Decimal, Field(ge=0, le=1)]
QueueName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,200}$")]
Queues = Annotated[
    tuple[QueueName, ...],
    BeforeValidator(_split),
    Field(min_length=1, max_length=20),
    Accepts("1 to 20 queue names, separated by commas, of letters, digits and . _ : -"),
]
ShardServers = Annotated[
    tuple[
        Annotated[
            str,
            _matches(
                r"(?:0|[1-9][0-9]{0,2})="
                r"(?:/[A-Za-z0-9._/-]{1,80}|(?:[0-9.]+|\[[0-9A-Fa-f:]+\])(?::[1-9][0-9]{0,4}){2})"
            ),
        ],
        ...,
    ],
    BeforeValidator(_split),
    AfterValidator(_servers),
    Field(max_length=MAX_SHARD + 1),
    Accepts("number=FOLDER or number=ADDRESS:PORT:PORT, separated by commas, each number once"),
]
Origins = Annotated[
    tuple[Annotated[str, _matches(r"https?://[A-Za-z0-9.-]{1,253}(:\d+)?")], ...],
    BeforeValidator(_split),
    Field(max_length=20),
    Accepts("up to 20 origins such as https://page.example:8443, separated by commas"),
]
File = Annotated[
    Path,
    _matches(r"/[A-Za-z0-9._/-]{1,400}"),
    Accepts("the absolute path of a file, of letters, digits and . _ / -"),
]
WebAddress = Annotated[
    str,
    _matches(r"https?://[!-~]{1,2000}"),
    Accepts("an address that starts with http:// or https://"),
]
WebAddresses = Annotated[
    tuple[Annotated[str, _matches(r"https?://[!-+.-~-]{1,2000}"), AfterValidator(_endpoint)], ...],
    BeforeValidator(_split),
    Field(max_length=5),
    Accepts("up to 5 addresses that start with https:// or http://, separated by commas"),
]
WebhookSecret = Annotated[
    SecretStr,
    _matches(r"whsec_(?:[A-Za-z0-9+/]{4}){6,21}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"),
    Accepts("whsec_ and 18 to 64 bytes in base64"),
]
KeyName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Limits = Annotated[
    dict[KeyName, Annotated[int, Field(ge=1, le=1_000_000)]],
    BeforeValidator(_limits),
    Accepts("name:limit,… with each name once and each limit a whole number from 1 to 1000000"),
]
Producers = Annotated[
    dict[
        Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")],
        tuple[Annotated[str, AfterValidator(_account)], ...],
    ],
    BeforeValidator(_producers),
    Accepts("user:account+account,… with each user once, or user:* for all accounts"),
]
LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
    BeforeValidator(_upper),
    Accepts("DEBUG, INFO, WARNING, ERROR or CRITICAL"),
]


class Group(BaseModel):
    """A group of settings whose variables have a common prefix."""

    model_config = ConfigDict(frozen=True)
    prefix: ClassVar[str] = ""

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Self:
        """Read variables with names in upper case; an empty value counts as unset."""
        names = {field: env_name(cls, field) for field in cls.model_fields}
        return cls.model_validate(
            {field: variables[name] for field, name in names.items() if variables.get(name)}
        )


def env_name(group: type[Group], field: str) -> str:
    """The environment variable that sets `field`."""
    return f"{group.prefix}{field}".upper()


def accepted(info: FieldInfo) -> str:
    """Describe the values that a setting accepts: ``a whole number from 1 to 65535``."""
    if (text := _accepts(info)) is not None:
        return text
    kind = str(info.annotation)
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


def _accepts(info: FieldInfo) -> str | None:
    """The text of the type, which may be one side of ``Type | None``."""
    sides = [getattr(side, "__metadata__", ()) for side in get_args(info.annotation)]
    found = [item for items in (info.metadata, *sides) for item in items]
    return next((item.text for item in found if isinstance(item, Accepts)), None)


def as_text(value: object) -> str:
    """A value in the syntax of the environment."""
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, dict):
        texts = {
            name: "+".join(account.replace("+", "%2B") for account in one)
            if isinstance(one, tuple)
            else one
            for name, one in value.items()
        }
        return ",".join(f"{name}:{text}" for name, text in texts.items())
    return str(value)
