"""The settings of a stack stay until others are set, and a change of one is named."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from position_manager.config.settings import ConfigError
from position_manager.stack import settings
from position_manager.stack.context import Context
from tests.helpers.runs import private_stack


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a stack that was started with a certificate."""
    monkeypatch.setattr("position_manager.stack.home.DOTENV", tmp_path / ".env")
    monkeypatch.setenv("POSITION_MANAGER_STACK_DIR", str(tmp_path))
    with monkeypatch.context() as first:
        first.setenv("POSITION_MANAGER_TLS_CERTIFICATE", "/etc/ssl/gateway.pem")
        first.setenv("POSITION_MANAGER_API_KEY", "pms_a_secret")
        first.setenv("POSITION_MANAGER_PRICE_API_URL", "https://prices.example?token=secret")
        settings.keep(settings.chosen())
    return tmp_path


def test_a_later_start_keeps_the_settings(home: Path) -> None:
    later = settings.chosen()

    assert str(later.service.tls_certificate) == "/etc/ssl/gateway.pem"
    assert list(settings.changes(later)) == []


def test_a_file_names_settings_as_docker_compose_reads_them(home: Path) -> None:
    (home / ".env").write_text(
        "# Of both.\nPOSITION_MANAGER_BATCH_SIZE=77\nPUBLISH_ADDRESS=0.0.0.0\n"
        "POSTGRES_PORT=none\nPOSITION_MANAGER_API_KEY=pms_operator_change-me\n"
    )

    chosen = settings.chosen()

    assert chosen.service.batch_size == 77
    assert chosen.addresses() == ("127.0.0.1", "0.0.0.0")
    assert chosen.service.api_key is None


def test_the_environment_precedes_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".env").write_text("POSITION_MANAGER_BATCH_SIZE=77\n")
    monkeypatch.setenv("POSITION_MANAGER_BATCH_SIZE", "78")

    assert settings.chosen().service.batch_size == 78


def test_an_unknown_name_in_the_file_is_refused(home: Path) -> None:
    (home / ".env").write_text("POSITION_MANAGER_BATCHSIZE=77\n")

    with pytest.raises(ConfigError, match="POSITION_MANAGER_BATCHSIZE is not a known setting"):
        settings.chosen()


def test_changes_are_named_without_secrets(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSITION_MANAGER_TLS_CERTIFICATE", "")
    monkeypatch.setenv("POSITION_MANAGER_PRICE_API_URL", "https://prices.example?token=other")
    monkeypatch.setenv("POSITION_MANAGER_SNAPSHOT_INTERVAL", "60")
    monkeypatch.setenv("POSITION_MANAGER_STACK_POSTGRES_PORT", "28500")

    assert sorted(settings.changes(settings.chosen())) == [
        "POSITION_MANAGER_PRICE_API_URL: was set, is set to another value",
        "POSITION_MANAGER_SNAPSHOT_INTERVAL: was 3600, is 60",
        "POSITION_MANAGER_STACK_POSTGRES_PORT: was 28432, is 28500",
        "POSITION_MANAGER_TLS_CERTIFICATE: was /etc/ssl/gateway.pem, is not set",
    ]


def test_a_first_start_names_no_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSITION_MANAGER_STACK_DIR", str(tmp_path))
    monkeypatch.setenv("POSITION_MANAGER_BATCH_SIZE", "77")

    assert list(settings.changes(settings.chosen())) == []


def test_the_kept_settings_hold_no_key(home: Path) -> None:
    text = (home / settings.FILE).read_text()

    assert "pms_a_secret" not in text
    assert settings.kept(home)["POSITION_MANAGER_TLS_CERTIFICATE"] == "/etc/ssl/gateway.pem"


def test_a_setting_that_no_longer_exists_is_dropped(home: Path) -> None:
    (home / settings.FILE).write_text('{"POSITION_MANAGER_OF_AN_OLDER_TREE": "1"}')

    assert settings.kept(home) == {}
    settings.chosen()


def test_an_older_stack_gets_the_passwords_that_it_lacks(tmp_path: Path) -> None:
    context = private_stack(tmp_path / "stack").context
    context.prepare()
    older = asdict(context.secrets)
    del older["rabbitmq_worker"]
    (context.dir / "secrets.json").write_text(json.dumps(older))
    context = Context(context.config)
    assert context.secrets.rabbitmq_worker == ""

    context.prepare()

    assert context.secrets.rabbitmq_worker
    assert context.secrets.pms_worker == older["pms_worker"]
