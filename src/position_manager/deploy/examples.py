"""Refuse the secrets of ``env.example`` on a published address.

``python -m position_manager.deploy.examples``: the containers that listen start after it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from position_manager.config.deploy import EXAMPLE, DeploySettings, read_settings
from position_manager.config.environment import Config, load
from position_manager.config.settings import ConfigError


def refuse_examples(config: Config, settings: DeploySettings) -> None:
    """Raise ConfigError when other machines reach a service with a public secret."""
    if config.publish.serves_other_machines() and any(
        EXAMPLE in secret for secret in _secrets(config, settings)
    ):
        raise ConfigError(
            f"PUBLISH_ADDRESS={config.publish.publish_address} with the passwords of env.example is"
            " refused: run  ops/docker/secrets .env  first"
        )


def _secrets(config: Config, settings: DeploySettings) -> Iterator[str]:
    yield from settings.passwords().values()
    for secret in (config.postgres.password, config.rabbitmq.password, config.service.api_key):
        if secret is not None:
            yield secret.get_secret_value()


def main() -> None:
    """Check the environment; exit with 1 and the reason when it is refused."""
    try:
        refuse_examples(load(), read_settings(DeploySettings))
    except ConfigError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
