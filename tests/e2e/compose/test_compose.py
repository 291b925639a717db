"""Checks of ``docker-compose.yml`` that need no engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from position_manager.config.broker import RabbitmqSettings
from position_manager.config.database import PostgresSettings
from position_manager.config.environment import known_names
from position_manager.config.service import ServiceSettings
from position_manager.config.settings import env_name
from position_manager.config.stack import StackSettings
from position_manager.paths import ROOT
from position_manager.stack import postgres, postgrest
from position_manager.stack.context import Context, StackConfig
from tests.helpers.composefile import (
    built,
    compose,
    environment,
    example_defaults,
    image,
    long_running,
    ours,
    services,
    variables,
)

SECRET = ("PASSWORD", "API_KEY")


def depends_on(name: str) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = services()[name].get("depends_on", {})
    return found


def needed(name: str) -> Iterator[str]:
    """A service and its dependencies."""
    for other in depends_on(name):
        yield from needed(other)
    yield name


def test_position_manager_brings_up_the_whole_service() -> None:
    assert set(needed("position-manager")) == {*long_running(), "check", "migrate"}


@pytest.mark.parametrize("name", services())
def test_every_dependency_condition_can_be_met(name: str) -> None:
    for other, rule in depends_on(name).items():
        waited_for = services()[other]
        if rule["condition"] == "service_healthy":
            assert "healthcheck" in waited_for
        elif rule["condition"] == "service_completed_successfully":
            assert waited_for["restart"] == "no"
        else:
            assert rule["condition"] == "service_started"


@pytest.mark.parametrize("name", services())
def test_services_of_a_profile_are_not_required(name: str) -> None:
    for other, rule in depends_on(name).items():
        assert ("profiles" in services()[other]) == (rule.get("required") is False)


@pytest.mark.parametrize("name", long_running())
def test_every_long_running_service_has_a_health_check(name: str) -> None:
    if name in postgrest.POOLS:
        # Its image has no tool for a check; the gateway's check covers it.
        assert "/metrics" in str(services()["gateway"]["healthcheck"])
        return
    assert services()[name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", services())
def test_images_are_built_locally_or_pinned(name: str) -> None:
    found = image(services()[name])
    built_here = {it["image"] for it in services().values() if "build" in it}

    assert found in built_here or found.partition(":")[2] not in ("", "latest")


@pytest.mark.parametrize("name", services())
def test_every_image_and_base_can_be_named_by_digest(name: str) -> None:
    service = services()[name]

    if "build" in service:
        (variable,) = service["build"]["args"]
        bases = set(re.findall(r"^FROM (\S+)", built(service)[1].read_text(), re.MULTILINE))
        assert bases == {f"${{{variable}}}"}
    elif name not in ours():
        assert re.fullmatch(r"\$\{[A-Z]+_IMAGE:-.*\}", service["image"])


def test_the_documented_images_are_the_defaults() -> None:
    defaults = {name: text for name, operator, text in variables() if operator == ":-"}
    for name in ("position-manager", "postgres"):
        text = built(services()[name])[1].read_text()
        defaults |= dict(re.findall(r"^ARG (\w+)=(.*)$", text, re.MULTILINE))

    documented = {name: text for name, text in example_defaults().items() if "_IMAGE" in name}
    assert {name: text for name, text in defaults.items() if "_IMAGE" in name} == documented


@pytest.mark.parametrize("name", services())
def test_every_part_is_bounded_and_without_privileges(name: str) -> None:
    service = services()[name]

    assert service["read_only"] is (name not in ("rabbitmq", "test-container"))
    assert service["cap_drop"] == ["ALL"]
    # What the entrypoints of these images need to give up root.
    gives_up_root = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]
    assert service.get("cap_add", gives_up_root) == gives_up_root
    assert ("cap_add" in service) == (name in ("postgres", "rabbitmq"))
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]


@pytest.mark.parametrize("name", [*ours(), *postgrest.POOLS])
def test_stateless_parts_run_as_one_user(name: str) -> None:
    service = services()[name]

    # Ours have it from their image, and share a socket with it.
    assert service.get("user") == ("4800" if name in postgrest.POOLS else None)


def test_only_the_gateway_is_published_and_on_loopback_by_default() -> None:
    ports = [port for it in services().values() for port in it.get("ports", [])]

    assert services()["gateway"]["ports"] == [
        "${PUBLISH_ADDRESS:-127.0.0.1}:${POSITION_MANAGER_PORT:-4800}:4800"
    ]
    assert all(port.startswith("127.0.0.1:") for port in ports if "PUBLISH_ADDRESS" not in port)
    assert sum("PUBLISH_ADDRESS" in port for port in ports) == 1
    for name in postgrest.POOLS:
        assert "ports" not in services()[name]
        assert not {"PGRST_SERVER_HOST", "PGRST_SERVER_PORT"} & set(environment(services()[name]))


def test_the_gateway_reads_the_limits_but_cannot_reach_the_database() -> None:
    sync, gateway = services()["rate-limit-sync"], services()["gateway"]
    folder = sync["command"][-1]

    assert folder == "/run/gateway"
    assert f"gateway-limits:{folder}" in sync["volumes"]
    assert services()["stream"]["command"][-1] == folder
    assert f"gateway-limits:{folder}" in services()["stream"]["volumes"]
    assert f"gateway-limits:{folder}:ro" in gateway["volumes"]
    assert not any("POSTGRES" in name for name in environment(gateway))


def test_no_secret_has_a_default() -> None:
    for name, operator, text in variables():
        if name.endswith(SECRET):
            assert (operator, text) == (":-", "") or operator == ":?", name


def test_compose_refuses_to_start_without_a_secret_that_a_part_needs() -> None:
    """Rather than restart the part forever, as after the upgrade of an older .env."""
    optional = {name for name, operator, _ in variables() if operator == ":-"}

    # The first is left empty on a shared server where db/bootstrap.sql was run; the role of the
    # second is for other services, if any.
    assert {name for name in optional if name.endswith(SECRET)} == {
        "POSTGRES_SUPERUSER_PASSWORD",
        "PMS_COMPAT_PASSWORD",
    }


def test_each_secret_is_passed_only_to_its_users() -> None:
    holders = {
        secret: {
            name
            for name, it in services().items()
            if any(secret in f"{key}={value}" for key, value in environment(it).items())
        }
        for secret in ("PMS_OWNER_PASSWORD", "SUPERUSER_PASSWORD", "POSITION_MANAGER_API_KEY")
    }

    assert holders == {
        "PMS_OWNER_PASSWORD": {"check", "migrate"},
        "SUPERUSER_PASSWORD": {"check", "migrate", "postgres"},
        "POSITION_MANAGER_API_KEY": {"check", "cli", "migrate"},
    }


@pytest.mark.parametrize("name", [name for name, it in services().items() if "ports" in it])
def test_nothing_is_published_before_the_check_of_the_secrets(name: str) -> None:
    waits = depends_on(name)

    assert "check" in needed(name)
    started = {other for other, it in waits.items() if it["condition"] == "service_started"}
    assert started <= set(postgrest.POOLS)
    secrets = {name for name, _, _ in variables() if name.endswith(SECRET)}
    assert set(environment(services()["check"])) >= secrets | {"PUBLISH_ADDRESS"}


def test_every_setting_of_the_service_is_passed_on() -> None:
    # Inside of a container the port is always the same; only the deploy has the key, and only the
    # worker the secret of webhooks.
    settings = {
        env_name(ServiceSettings, field)
        for field in ServiceSettings.model_fields
        if field not in ("port", "api_key", "webhook_secret")
    }
    stores = {
        env_name(group, field)
        for group in (PostgresSettings, RabbitmqSettings)
        for field in group.model_fields
    }

    assert set(compose()["x-settings"]) == settings
    assert set(environment(services()["gateway"])) == settings
    for worker in ("position-manager", "relay"):
        more = {"PGSSLMODE", "POSITION_MANAGER_WEBHOOK_SECRET"}
        assert set(environment(services()[worker])) == settings | stores | more


@pytest.mark.parametrize("name", ours())
def test_no_part_gets_a_setting_it_would_refuse(name: str) -> None:
    settings = {key for key in environment(services()[name]) if key.startswith("POSITION_MANAGER_")}

    assert settings <= known_names()


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """A private stack that is never started."""
    made = Context(StackConfig(tmp_path / "stack", ServiceSettings(), StackSettings()))
    made.prepare()
    return made


@pytest.mark.parametrize("name", postgrest.POOLS)
def test_postgrest_gets_the_settings_of_the_private_stack(context: Context, name: str) -> None:
    def common(settings: dict[str, str | None]) -> dict[str, str | None]:
        here = ("_DB_URI", "_UNIX_SOCKET", "_PROXY_URI", "_CHANNEL")
        return {
            name: value
            for name, value in settings.items()
            if name.startswith("PGRST_") and not name.endswith(here)
        }

    alone = common(dict(postgrest.settings(context, name)))

    assert common(environment(services()[name])) == alone
    assert "PGRST_DB_PRE_REQUEST" in alone


def test_postgresql_gets_the_settings_of_the_private_stack() -> None:
    def settings(text: str) -> dict[str, str]:
        lines = (line.partition(" = ") for line in text.splitlines() if " = " in line)
        return {name: value for name, _, value in lines if not name.startswith("#")}

    alone = settings(postgres.CONFIGURATION)
    contained = settings((ROOT / "ops" / "docker" / "postgres" / "postgresql.conf").read_text())

    only_alone = {"port", "unix_socket_directories", "cron.database_name"}
    assert set(alone) - set(contained) == only_alone
    assert contained | {"listen_addresses": alone["listen_addresses"]} == {
        name: value for name, value in alone.items() if name not in only_alone
    }
    assert (
        "cron.database_name=${POSTGRES_DB:-position_manager}" in services()["postgres"]["command"]
    )
