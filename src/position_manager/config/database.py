"""``POSTGRES_*``: the settings of the database connection."""

from __future__ import annotations

from psycopg.conninfo import make_conninfo
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from position_manager.config.settings import Group, Port


class PostgresSettings(Group):
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
