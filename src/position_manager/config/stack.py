"""``POSITION_MANAGER_STACK_*``: the settings of the private stack."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from position_manager.config.settings import PREFIX, Group, Port


class StackSettings(Group):
    """``POSITION_MANAGER_STACK_*``: the folder and the ports of the private stack.

    Linux uses ports from 32768 on for outgoing connections, which could hold a part's port when it
    restarts; so the defaults are below.
    """

    prefix: ClassVar[str] = f"{PREFIX}STACK_"

    dir: Path | None = Field(
        None, description="Folder of the stack; by default .stack in the repository."
    )
    postgres_port: Port = Field(28432, description="Port of PostgreSQL.")
    rabbitmq_port: Port = Field(28672, description="Port of RabbitMQ.")
    rabbitmq_dist_port: Port = Field(28673, description="Port for RabbitMQ's command-line tools.")
    epmd_port: Port = Field(28369, description="Port of epmd, Erlang's port mapper for RabbitMQ.")
    supervisor_port: Port = Field(28901, description="Port of supervisord.")
