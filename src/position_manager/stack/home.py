"""Where the private stack is, by the environment and ``.env``."""

from __future__ import annotations

import os
from pathlib import Path

from dotenv import dotenv_values

from position_manager.config.deploy import EXAMPLE, PublishSettings
from position_manager.config.environment import Config, load
from position_manager.config.service import ServiceSettings
from position_manager.config.settings import PREFIX, Group, env_name
from position_manager.config.stack import StackSettings
from position_manager.paths import ROOT

# Docker Compose reads the same file.
DOTENV = ROOT / ".env"
GROUPS: tuple[type[Group], ...] = (ServiceSettings, StackSettings, PublishSettings)


def folder() -> Path:
    """The folder of the stack that the environment names, by default ``.stack/``."""
    return folder_of(load(given_settings()))


def folder_of(config: Config) -> Path:
    """The folder of the stack that a configuration names."""
    return (config.stack.dir or ROOT / ".stack").absolute()


def given_settings() -> dict[str, str]:
    """The variables of the environment, and those of ``.env`` that it lacks."""
    # Compose's file may be missing.
    file = dotenv_values(DOTENV, interpolate=False)
    names = {env_name(group, field) for group in GROUPS for field in group.model_fields}
    return {
        name: value or ""
        for name, value in file.items()
        if (name in names or name.startswith(PREFIX)) and EXAMPLE not in (value or "")
    } | {name.upper(): value for name, value in os.environ.items()}
