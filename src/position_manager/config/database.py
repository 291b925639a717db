"""``POSTGRES_*``: the settings of the database connection."""

from __future__ import annotations

from typing import ClassVar

from psycopg.conninfo import make_conninfo
from pydantic import Field, SecretStr, ValidationInfo, field_validator

from position_manager.config.settings import Group, Hosts, Ports, as_text


class PostgresSettings(Group):
    """``POSTGRES_*``: the worker's connection to the database."""

    prefix: ClassVar[str] = "POSTGRES_"

    host: Hosts = Field(
        ("127.0.0.1",),
        description="Host of the server. Of several, separated by commas, the one that accepts"
        " writes is used: the primary, also after a failover.",
        examples=["postgres"],
    )
    port: Ports = Field(
        (28432,),
        description="Port of the server, or one for each host, separated by commas.",
        examples=["5432"],
    )
    db: str = Field(
        "position_manager", description="Name of the database.", examples=["position_manager"]
    )
    user: str = Field("pms_worker", description="Role of the worker.", examples=["pms_worker"])
    password: SecretStr = Field(
        SecretStr(""), description="Password of the worker's role.", examples=["change-me"]
    )

    @field_validator("port")
    @classmethod
    def _has_a_port_for_each_host(
        cls, ports: tuple[int, ...], info: ValidationInfo
    ) -> tuple[int, ...]:
        if len(ports) not in (1, len(info.data.get("host", ports))):
            raise ValueError("must be one port, or one for each host")
        return ports

    def conninfo(self, application_name: str) -> str:
        """A libpq connection string; ``pg_stat_activity`` shows `application_name`."""
        return make_conninfo(
            **servers(as_text(self.host), as_text(self.port)),
            dbname=self.db,
            user=self.user,
            password=self.password.get_secret_value(),
            application_name=application_name,
        )


def servers(hosts: str, ports: str) -> dict[str, str]:
    """The parameters of libpq for a server; for several, the one that accepts writes."""
    found = {"host": hosts, "port": ports}
    return found | {"target_session_attrs": "read-write"} if "," in hosts else found
