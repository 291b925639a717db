"""The settings of a deployment: roles, their passwords, and where ports are published."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationError

from position_manager.config.settings import ConfigError, Group

# Marks the passwords of env.example, which are public.
EXAMPLE = "change-me"
THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


def _plain(value: SecretStr) -> SecretStr:
    """A password must survive a URL as it is: PostgREST and clients have it in one."""
    text = value.get_secret_value()
    if not all(character.isascii() and (character.isalnum() or character in "._~-")
               for character in text):  # fmt: skip
        raise ValueError("letters, digits and . _ ~ - only")
    return value


Password = Annotated[SecretStr, AfterValidator(_plain)]


class DeploySettings(Group):
    """Settings that only a deployment reads: it alone connects as every role."""

    postgres_superuser: str = Field(
        "postgres", description="Superuser of the server.", examples=["postgres"]
    )
    postgres_superuser_password: Password | None = Field(
        None,
        description="Password of the superuser, who creates the database and the roles. Leave it"
        " empty where db/bootstrap.sql and the passwords are in place, as on a shared PostgreSQL.",
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
    publish_address: str = Field(
        THIS_MACHINE[0],
        description="Address of this machine on which ports are published. 0.0.0.0, for other"
        " machines, is refused with the secrets of this file.",
        examples=[THIS_MACHINE[0]],
    )

    def passwords(self) -> dict[str, str]:
        """The passwords that are set, by role."""
        given = {
            name.removesuffix("_password"): value.get_secret_value()
            for name in type(self).model_fields
            if isinstance(value := getattr(self, name), SecretStr)
        }
        superuser = given.pop("postgres_superuser", None)
        return given if superuser is None else given | {self.postgres_superuser: superuser}


def read_settings() -> DeploySettings:
    """Read the environment; raise :class:`ConfigError` with the names that are refused."""
    try:
        return DeploySettings()
    except ValidationError as error:
        names = sorted({str(item["loc"][0]).upper() for item in error.errors()})
        raise ConfigError(
            "\n".join(
                f"{name} is missing or refused: it must be of letters, digits and . _ ~ -"
                for name in names
            )
        ) from None
