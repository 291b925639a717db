"""``env.example`` is generated from the settings."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from position_manager.config import env_example
from position_manager.config.broker import RabbitmqSettings
from position_manager.config.database import PostgresSettings
from position_manager.config.deploy import DeploySettings, PublishSettings
from position_manager.config.service import ServiceSettings
from position_manager.config.settings import Group, accepted
from position_manager.config.stack import StackSettings

GROUPS = (
    ServiceSettings,
    StackSettings,
    PostgresSettings,
    RabbitmqSettings,
    PublishSettings,
    DeploySettings,
)


def test_the_file_is_up_to_date() -> None:
    assert env_example.FILE.read_text() == env_example.text(), (
        "run  .venv/bin/python -m position_manager.config.env_example"
    )


@pytest.mark.parametrize("group", GROUPS)
def test_every_setting_is_described(group: type[Group]) -> None:
    assert [name for name, info in group.model_fields.items() if not info.description] == []


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("api_key", "short", "8 to 200 letters, digits and . _ ~ + / = -"),
        ("tls_key", "relative", "the absolute path of a file, of letters, digits and . _ / -"),
        ("cors_origins", "page", "up to 20 origins such as https://page.example:8443,"),
        ("service_name", "a b", "text that matches ^[A-Za-z0-9._-]{1,64}$"),
    ],
)
def test_a_refused_value_is_answered_with_the_accepted_ones(
    field: str, value: str, text: str
) -> None:
    with pytest.raises(ValidationError):
        ServiceSettings.model_validate({field: value})

    assert accepted(ServiceSettings.model_fields[field]).startswith(text)
