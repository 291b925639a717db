"""``RABBITMQ_*``: the settings of the broker connection."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from position_manager.config.settings import Group, Port


class RabbitmqSettings(Group):
    """``RABBITMQ_*``: the broker as the worker reaches it."""

    model_config = SettingsConfigDict(env_prefix="RABBITMQ_")

    host: str = "127.0.0.1"
    port: Port = 28672
    user: str = "position_manager"
    password: SecretStr = SecretStr("")
