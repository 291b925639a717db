"""The one-shot `migrate`: a deploy to a database that the environment names."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import psycopg
import pytest
from psycopg import sql

from position_manager.config.deploy import DeploySettings
from position_manager.config.environment import load
from position_manager.config.settings import ConfigError
from position_manager.deploy.examples import refuse_examples
from position_manager.paths import ROOT
from position_manager.stack.context import LOCALHOST
from position_manager.stack.stack import Stack
from tests.helpers.composefile import example, services

SECRET = ("PASSWORD", "API_KEY")
OWN_SECRETS = {name: "pms_own_12345678" for name in example() if name.endswith(SECRET)}
KEY = "pms_compose_0123456789"
NO_JOBS = "no jobs are scheduled: pg_cron is not in this database"
PARTITIONS = (
    "partitions: pms.snapshots: {0}; pms.portfolio_history: {0}; pms.audit: {0}; pms.event_log: {1}"
)


@pytest.fixture
def environment(server: Stack) -> Iterator[dict[str, str]]:
    """The environment of `migrate` in docker-compose.yml, for a new database."""
    secrets = server.context.secrets
    name = f"compose_{uuid.uuid4().hex}"
    # Roles are the whole server's: every password is the one that they have.
    yield {
        "PATH": os.environ["PATH"],
        "HOME": str(server.context.dir),
        "LANG": "C.UTF-8",
        "POSTGRES_HOST": LOCALHOST,
        "POSTGRES_PORT": str(server.context.ports.postgres_port),
        "POSTGRES_DB": name,
        "POSTGRES_USER": "pms_worker",
        "POSTGRES_PASSWORD": secrets.pms_worker,
        "POSTGRES_SUPERUSER_PASSWORD": secrets.postgres,
        "PMS_OWNER_PASSWORD": secrets.pms_owner,
        "PMS_AUTHENTICATOR_PASSWORD": secrets.pms_authenticator,
        "PMS_OPERATOR_PASSWORD": secrets.pms_operator,
        "PMS_ANALYST_PASSWORD": secrets.pms_analyst,
        "POSITION_MANAGER_API_KEY": KEY,
        "POSITION_MANAGER_PRICE_STALENESS_THRESHOLD": "60",
    }
    with psycopg.connect(server.context.dsn(dbname="postgres"), autocommit=True) as conn:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        conn.execute(drop.format(sql.Identifier(name)))


def deploy(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "position_manager.deploy.command", "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )


def done(environment: dict[str, str]) -> list[str]:
    finished = deploy(environment)
    assert finished.returncode == 0, finished.stderr
    steps: list[str] = json.loads(finished.stdout)["done"]
    return steps


def coming_months() -> str:
    """This month and the two after it."""
    now = datetime.now(UTC)
    first = 12 * now.year + now.month - 1
    return " ".join(f"{month // 12}-{month % 12 + 1:02}" for month in range(first, first + 3))


def coming_days() -> str:
    """Today and the two days after it."""
    now = datetime.now(UTC)
    return " ".join(f"{now + timedelta(days=ahead):%Y-%m-%d}" for ahead in range(3))


def value(server: Stack, environment: dict[str, str], statement: str) -> object:
    with psycopg.connect(server.context.dsn(dbname=environment["POSTGRES_DB"])) as conn:
        row = conn.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


def test_a_deploy_creates_everything_once_then_only_updates_settings(
    server: Stack, environment: dict[str, str]
) -> None:
    steps = done(environment)
    assert re.fullmatch(r"migrations deployed: \d+, objects loaded: \d+, dropped: 0", steps.pop(1))
    assert steps == [
        "the database, its roles and their passwords are set",
        "the settings are loaded",
        PARTITIONS.format(f"added {coming_months()}", f"added {coming_days()}"),
        NO_JOBS,
    ]
    key = "SELECT digest FROM pms.api_keys WHERE id = 'first'"
    staleness = "SELECT extract(EPOCH FROM price_staleness_threshold)::integer FROM pms.settings"
    assert value(server, environment, key) == sha256(KEY.encode()).digest()
    assert value(server, environment, staleness) == 60

    # A shared server with existing roles.
    del environment["POSTGRES_SUPERUSER_PASSWORD"]
    environment["POSITION_MANAGER_PRICE_STALENESS_THRESHOLD"] = "90"

    assert done(environment) == [
        "the schema was up to date",
        "the settings are loaded",
        PARTITIONS.format("nothing to do", "nothing to do"),
        NO_JOBS,
    ]
    assert value(server, environment, staleness) == 90


def test_a_missing_setting_is_named(environment: dict[str, str]) -> None:
    del environment["PMS_OWNER_PASSWORD"]
    environment["PMS_ANALYST_PASSWORD"] = "with blanks"

    refused = deploy(environment)

    assert refused.returncode == 1
    assert [line.split()[0] for line in refused.stderr.splitlines()] == [
        "PMS_ANALYST_PASSWORD",
        "PMS_OWNER_PASSWORD",
    ]
    assert "with blanks" not in refused.stderr


def check(variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The container `check`, which starts before any that listens."""
    return subprocess.run(
        [sys.executable, *services()["check"]["command"][1:]],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | variables,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("name", [name for name in example() if name.endswith(SECRET)])
def test_example_secrets_are_refused_off_loopback(name: str) -> None:
    variables = OWN_SECRETS | {"PUBLISH_ADDRESS": "0.0.0.0", name: example()[name]}

    with pytest.raises(ConfigError, match=r"PUBLISH_ADDRESS=0\.0\.0\.0 with the passwords"):
        refuse_examples(load(variables), DeploySettings.read(variables))


def test_the_container_fails_on_example_secrets_off_loopback() -> None:
    refused = check(example() | {"PUBLISH_ADDRESS": "0.0.0.0"})

    assert refused.returncode == 1
    assert refused.stderr.startswith("PUBLISH_ADDRESS=0.0.0.0 with the passwords of env.example")


def test_other_secrets_and_examples_on_this_machine_are_accepted() -> None:
    for given in (OWN_SECRETS | {"PUBLISH_ADDRESS": "0.0.0.0"}, example()):
        accepted = check(given)
        assert (accepted.returncode, accepted.stderr) == (0, "")
