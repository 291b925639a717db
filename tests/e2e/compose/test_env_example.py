"""``env.example`` has every variable, with its true default."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from position_manager.config.deploy import DeploySettings, PublishSettings, read_settings
from position_manager.config.environment import known_names, load
from position_manager.paths import ROOT
from tests.helpers.composefile import EXAMPLE, example, example_defaults, variables

# Variables of the CLI; the configuration knows the first as well.
CLIENTS = {"POSITION_MANAGER_URL", "DATABASE_URL", "RABBITMQ_URL"}
SECRETS = ROOT / "ops" / "docker" / "secrets"


def test_every_variable_is_listed_once() -> None:
    names = [*example(), *example_defaults()]

    assert len(names) == len(set(names))
    # COMPOSE_PROFILES is Docker Compose's own.
    compose = {name for name, _, _ in variables()} | {"COMPOSE_PROFILES"}
    assert set(names) == known_names() | compose | CLIENTS


def test_the_deploy_reads_only_listed_variables() -> None:
    groups = (DeploySettings, PublishSettings)
    wanted = {name.upper() for group in groups for name in group.model_fields}

    assert wanted <= set(example())


def test_documented_defaults_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = load()

    for name, value in example_defaults().items():
        monkeypatch.setenv(name, value)

    assert load() == defaults


def test_the_unchanged_file_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in example().items():
        monkeypatch.setenv(name, value)

    loaded = load()

    assert (loaded.postgres.host, loaded.rabbitmq.host) == (("postgres",), "rabbitmq")
    assert loaded.service.port == 4800
    assert set(read_settings(DeploySettings).passwords()) == {
        "postgres",
        "pms_owner",
        "pms_authenticator",
        "pms_operator",
        "pms_analyst",
        "pms_backup",
        "pms_stream",
        "pms_compat",
    }


def make_secrets(file: Path) -> str:
    return subprocess.run([SECRETS, file], check=True, capture_output=True, text=True).stdout


def test_every_example_secret_is_replaced_once(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(EXAMPLE.read_text().replace("PGRST_DB_CHANNEL=pgrst_change-me", "X=mine"))

    output = make_secrets(file)

    before, after = EXAMPLE.read_text().splitlines(), file.read_text().splitlines()
    changed = [
        new for old, new in zip(before, after, strict=True) if old != new and new != "X=mine"
    ]
    assert output.endswith(f"{len(changed)} secrets generated\n")
    assert "X=mine" in after
    assert not any("change-me" in line for line in after)
    values = [re.sub("^pms_operator_", "", line.partition("=")[2]) for line in changed]
    assert len(changed) == len(set(values)) == 11
    assert all(len(value) == 40 for value in values)
    assert file.stat().st_mode & 0o777 == 0o600

    assert make_secrets(file).endswith(" 0 secrets generated\n")
    assert file.read_text().splitlines() == after


@pytest.mark.parametrize("former", ["", "PMS_BACKUP_PASSWORD=\n"])
def test_an_older_file_gets_the_secrets_that_it_lacks(tmp_path: Path, former: str) -> None:
    lacked = "PMS_BACKUP_PASSWORD=change-me\n"
    file = tmp_path / ".env"
    # Of an editor that writes no newline at the end.
    own = "POSTGRES_SUPERUSER_PASSWORD=\nPOSTGRES_PASSWORD=mine"
    others = re.sub(r"(?m)^POSTGRES_(SUPERUSER_)?PASSWORD=.*\n", "", EXAMPLE.read_text())
    file.write_text(others.replace(lacked, former) + own)

    output = make_secrets(file)

    *_, superuser, password, backup = file.read_text().splitlines()
    assert f"{superuser}\n{password}" == own
    assert re.fullmatch("PMS_BACKUP_PASSWORD=[0-9a-f]{40}", backup)
    assert file.read_text().count("PMS_BACKUP_PASSWORD=") == 1
    assert output.startswith(f"{file}: added PMS_BACKUP_PASSWORD\n")
    assert make_secrets(file) == f"{file}: 0 secrets generated\n"
