"""``POSTGRES_*``: the settings of the database connection."""

from __future__ import annotations

from typing import ClassVar

from psycopg.conninfo import make_conninfo
from pydantic import Field, SecretStr

from position_manager.config.settings import Group, Port


class PostgresSettings(Group):
    """``POSTGRES_*``: the worker's connection to the database."""

    prefix: ClassVar[str] = "POSTGRES_"

    host: str = Field("127.0.0.1", description="Host of the server.", examples=["postgres"])
    port: Port = Field(28432, description="Port of the server.", examples=["5432"])
    db: str = Field(
        "position_manager", description="Name of the database.", examples=["position_manager"]
    )
    user: str = Field("pms_worker", description="Role of the worker.", examples=["pms_worker"])
    password: SecretStr = Field(
        SecretStr(""), description="Password of the worker's role.", examples=["change-me"]
    )

    def conninfo(self, application_name: str) -> str:
        """A libpq connection string; ``pg_stat_activity`` shows `application_name`."""
        return make_conninfo(
            host=self.host,
            port=self.port,
            dbname=self.db,
            user=self.user,
            password=self.password.get_secret_value(),
            application_name=application_name,
        )
