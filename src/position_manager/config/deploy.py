"""The settings of a deployment: roles, their passwords, and the address of published ports."""

from __future__ import annotations

import os
from ipaddress import ip_address
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError

from position_manager.config.settings import Accepts, ConfigError, Group

# Marks the passwords of env.example, which are public.
EXAMPLE = "change-me"


def _plain(value: SecretStr) -> SecretStr:
    """Refuse characters that a URL would need to encode: clients use the password in one."""
    text = value.get_secret_value()
    if not all(character.isascii() and (character.isalnum() or character in "._~-")
               for character in text):  # fmt: skip
        raise ValueError("must consist of letters, digits and . _ ~ -")
    return value


Password = Annotated[SecretStr, AfterValidator(_plain)]
Address = Annotated[
    str,
    AfterValidator(lambda value: str(ip_address(value))),
    Accepts("an IP address, such as 127.0.0.1 or 0.0.0.0"),
]


class PublishSettings(Group):
    """The address on which other machines reach the gateway."""

    publish_address: Address = Field(
        "127.0.0.1",
        description="Address of this machine on which the gateway is published; 0.0.0.0 means all"
        " addresses. The database and the broker are published on 127.0.0.1 only. Containers do not"
        " start on another address than 127.0.0.1 while a secret of this file is in use.",
        examples=["127.0.0.1"],
    )

    def serves_other_machines(self) -> bool:
        """Whether the gateway is published on another address than this machine's own."""
        return not ip_address(self.publish_address).is_loopback


class BackupSettings(Group):
    """The settings of a backup."""

    pms_backup_password: Password | None = Field(
        None,
        description="Password of the role that makes backups: it reads every database of the server"
        " to which it may connect, and the digests of passwords. See SECURITY.md.",
        examples=[EXAMPLE],
    )


class DeploySettings(BackupSettings):
    """Settings that only a deployment reads."""

    postgres_superuser: str = Field(
        "postgres", description="Superuser of the server.", examples=["postgres"]
    )
    postgres_superuser_password: Password | None = Field(
        None,
        description="Password of the superuser, which creates the database and the roles. Leave it"
        " empty on a shared PostgreSQL where db/bootstrap.sql was run and the passwords are set.",
        examples=[EXAMPLE],
    )
    pms_owner_password: Password = Field(
        description="Password of the role that owns the schema and deploys it.", examples=[EXAMPLE]
    )
    pms_authenticator_password: Password | None = Field(
        None, description="Password of PostgREST's role.", examples=[EXAMPLE]
    )
    pms_operator_password: Password | None = Field(
        None,
        description="Password of operators, who manage keys and settings and use the command line.",
        examples=[EXAMPLE],
    )
    pms_analyst_password: Password | None = Field(
        None,
        description="Password of analysts, who read the views of api.",
        examples=[EXAMPLE],
    )
    pms_stream_password: Password | None = Field(
        None,
        description="Password of the role of the stream, which reads the event log alone.",
        examples=[EXAMPLE],
    )
    pms_compat_password: Password | None = Field(
        None,
        description="Password of other services that use the schema compat, see"
        " POSITION_MANAGER_COMPAT.",
        examples=[EXAMPLE],
    )
    pgrst_db_channel: str = Field(
        "pgrst",
        pattern=r"^[A-Za-z0-9._~-]{1,63}$",
        description="Channel of NOTIFY on which PostgREST learns of a deployment. Every role may"
        " notify a channel whose name it knows, and each notification costs PostgREST a reload.",
        examples=[f"pgrst_{EXAMPLE}"],
    )

    def passwords(self) -> dict[str, str]:
        """The passwords that are set, by role."""
        passwords = {
            name.removesuffix("_password"): value.get_secret_value()
            for name in type(self).model_fields
            if isinstance(value := getattr(self, name), SecretStr)
        }
        superuser = passwords.pop("postgres_superuser", None)
        return passwords if superuser is None else passwords | {self.postgres_superuser: superuser}


Settings = TypeVar("Settings", bound=BackupSettings)


def read_settings(group: type[Settings]) -> Settings:
    """Read the environment; raise :class:`ConfigError` with all missing or invalid names."""
    try:
        return group.read(os.environ)
    except ValidationError as error:
        names = sorted({str(item["loc"][0]).upper() for item in error.errors()})
        raise ConfigError(
            "\n".join(
                f"{name} is missing or invalid: it must consist of letters, digits and . _ ~ -"
                for name in names
            )
        ) from None


def names_server() -> bool:
    """Whether the environment has the settings of a deployment, instead of the private stack's."""
    return bool(os.environ.get("PMS_OWNER_PASSWORD"))
