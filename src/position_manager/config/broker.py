"""``RABBITMQ_*``: the settings of the broker connection."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from position_manager.config.settings import Group, Port


class RabbitmqSettings(Group):
    """``RABBITMQ_*``: the worker's connection to the broker."""

    prefix: ClassVar[str] = "RABBITMQ_"

    host: str = Field("127.0.0.1", description="Host of the broker.", examples=["rabbitmq"])
    port: Port = Field(28672, description="Port of the broker.", examples=["5672"])
    user: str = Field(
        "position_manager", description="User of the worker.", examples=["position_manager"]
    )
    password: SecretStr = Field(
        SecretStr(""), description="Password of the broker's user.", examples=["change-me"]
    )
    heartbeat: int = Field(
        30,
        ge=1,
        le=60,
        description="Seconds of silence after which broker and worker give up a connection.",
    )
