"""``POSITION_MANAGER_STACK_*``: the settings of the private stack."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from position_manager.config.settings import PREFIX, Group, Port


class StackSettings(Group):
    """``POSITION_MANAGER_STACK_*``: where the private stack lives and listens.

    The ports are below those that Linux gives to outgoing connections (from 32768 on): one of these
    could hold the port of a part just when it is to start again.
    """

    model_config = SettingsConfigDict(env_prefix=f"{PREFIX}STACK_")

    dir: Path | None = None
    postgres_port: Port = 28432
    rabbitmq_port: Port = 28672
    rabbitmq_dist_port: Port = 28673
    epmd_port: Port = 28369
    postgrest_port: Port = 28300
    postgrest_admin_port: Port = 28301
    supervisor_port: Port = 28901
