"""The settings of a stack: those of the environment and of ``.env``, else of its last start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from position_manager.config.environment import Config, known_names, load
from position_manager.config.service import ServiceSettings
from position_manager.config.settings import as_text, env_name
from position_manager.config.stack import StackSettings
from position_manager.stack.context import StackConfig, write
from position_manager.stack.home import folder_of, given_settings

FILE = "settings.json"
# The key is a secret, and the folder is where the others are kept.
NOT_KEPT = {env_name(ServiceSettings, "api_key"), env_name(StackSettings, "dir")}
# Their values may hold a token, or are secrets.
NOT_SHOWN = {
    env_name(ServiceSettings, name) for name in ("price_api_url", "webhook_urls", "webhook_secret")
}


def chosen() -> StackConfig:
    """The stack that the environment names, with the settings that a start would have."""
    given = given_settings()
    home = folder_of(load(given))
    return _config(home, load({**kept(home), **given}))


def kept(home: Path) -> dict[str, str]:
    """The settings of the last start; empty when there was none."""
    path = home / FILE
    found = json.loads(path.read_text()) if path.exists() else {}
    # A later version may have dropped one.
    return {name: value for name, value in found.items() if name in known_names()}


def keep(config: StackConfig) -> None:
    """Record the settings of a start."""
    write(config.dir / FILE, json.dumps(_texts(config, only_set=True), indent=1))


def changes(config: StackConfig) -> Iterator[str]:
    """One line for each setting that differs from the last start."""
    if not (config.dir / FILE).exists():
        return
    was = _texts(_config(config.dir, load({}))) | kept(config.dir)
    for name, value in _texts(config).items():
        if was[name] != value:
            if name in NOT_SHOWN and was[name] and value:
                yield f"{name}: was set, is set to another value"
            else:
                yield f"{name}: was {shown(name, was[name])}, is {shown(name, value)}"


def shown(name: str, value: str) -> str:
    """A setting's value for a reader, without secrets."""
    if not value:
        return "not set"
    return "set" if name in NOT_SHOWN else value


def _config(home: Path, config: Config) -> StackConfig:
    return StackConfig(home, config.service, config.stack, config.publish)


def _texts(config: StackConfig, only_set: bool = False) -> dict[str, str]:
    """The settings in the syntax of the environment; only those that are set, or all."""
    return {
        env_name(type(group), name): as_text(getattr(group, name))
        for group in (config.service, config.ports, config.publish)
        for name in type(group).model_fields
        if env_name(type(group), name) not in NOT_KEPT
        and (name in group.model_fields_set or not only_set)
    }
