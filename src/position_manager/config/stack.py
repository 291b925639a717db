"""``POSITION_MANAGER_STACK_*``: the settings of the private stack."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from position_manager.config.settings import PREFIX, Group, Port


class StackSettings(Group):
    """``POSITION_MANAGER_STACK_*``: where the private stack lives and listens.

    The ports are below those that Linux gives to outgoing connections (from 32768 on): one of these
    could hold the port of a part just when it is to start again.
    """

    model_config = SettingsConfigDict(env_prefix=f"{PREFIX}STACK_")

    dir: Path | None = Field(None, description="Folder of the stack; by default .stack")
    postgres_port: Port = Field(28432, description="Port of PostgreSQL.")
    rabbitmq_port: Port = Field(28672, description="Port of RabbitMQ.")
    rabbitmq_dist_port: Port = Field(28673, description="Port for RabbitMQ's own tools.")
    epmd_port: Port = Field(28369, description="Port of epmd, which RabbitMQ needs.")
    postgrest_port: Port = Field(28300, description="Port of PostgREST.")
    postgrest_admin_port: Port = Field(28301, description="Port of PostgREST's health.")
    supervisor_port: Port = Field(28901, description="Port of supervisord.")
