"""A killed part restarts automatically, and so does the stack after its supervisor is killed.

These tests break things: they have a stack of their own, and run in one process.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pika
import psycopg
import pytest

from faults.campaign import Campaign
from position_manager import __version__
from position_manager.deploy.migrations import read_plan
from position_manager.paths import ROOT
from position_manager.stack import logs, postgrest
from position_manager.stack.context import LOCALHOST, USERS, StackError
from position_manager.stack.launch import as_user
from position_manager.stack.parts import NAMES, record_of
from position_manager.stack.ports import free_ports
from position_manager.stack.processes import exists, wait
from position_manager.stack.settings import kept
from position_manager.stack.stack import Stack
from position_manager.stack.supervisor import Supervisor
from tests.helpers.commands import Cli
from tests.helpers.ledger import Ledger, fill
from tests.helpers.ledger_check import assert_verified
from tests.helpers.runs import private_stack
from tests.helpers.service import Service

pytestmark = pytest.mark.xdist_group("supervision")

RECOVERY = 60.0
QUEUE = "kept"
FILLS = 300


@pytest.fixture(scope="module")
def own_stack(run_folder: Path) -> Iterator[Stack]:
    with private_stack(run_folder.with_name(f"{run_folder.name}-own")) as stack:
        with psycopg.connect(stack.context.dsn()) as conn:
            conn.execute("CREATE TABLE public.kept AS SELECT 42 AS answer")
        with psycopg.connect(stack.context.dsn("pms_worker")) as worker:
            fills = [fill(str(number), "Buy", "1", "10", "0.1") for number in range(FILLS)]
            Ledger(worker, worker).apply(*fills)
        with pika.BlockingConnection(pika.URLParameters(stack.env()["RABBITMQ_URL"])) as broker:
            channel = broker.channel()
            channel.confirm_delivery()
            channel.queue_declare(QUEUE, durable=True)
            persistent = pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent)
            channel.basic_publish("", QUEUE, b"42", persistent)
        yield stack


def is_healthy(stack: Stack) -> bool:
    parts = [stack.part(name) for name in NAMES]
    return all(part.runs_as_wanted(stack.context) and part.ready() for part in parts)


def assert_kept(stack: Stack) -> None:
    """Committed and confirmed rows are still there, and add up."""
    with psycopg.connect(stack.context.dsn()) as conn:
        assert conn.execute("SELECT answer FROM public.kept").fetchall() == [(42,)]
    with pika.BlockingConnection(pika.URLParameters(stack.env()["RABBITMQ_URL"])) as broker:
        declared = broker.channel().queue_declare(QUEUE, durable=True, passive=True)
        assert declared.method.message_count == 1
    assert assert_verified(stack.context.dsn()) == FILLS


def pids(stack: Stack) -> dict[str, int | None]:
    return {status.part: status.pid for status in stack.status()}


def test_a_second_up_starts_nothing(own_stack: Stack) -> None:
    before = pids(own_stack)

    assert own_stack.up() == []
    assert pids(own_stack) == before


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_part_is_restarted(own_stack: Stack, name: str) -> None:
    killed = own_stack.kill(name)

    assert wait(lambda: is_healthy(own_stack), RECOVERY), own_stack.status()
    assert pids(own_stack)[name] != killed
    assert_kept(own_stack)


def test_a_backend_that_hangs_does_not_hold_up_the_next_server(own_stack: Stack) -> None:
    with psycopg.connect(own_stack.context.dsn()) as hanging:
        os.kill(hanging.info.backend_pid, signal.SIGSTOP)
        own_stack.kill("postgres")

        assert wait(lambda: is_healthy(own_stack), RECOVERY), own_stack.status()
    assert_kept(own_stack)


def test_a_failing_part_is_restarted_forever(own_stack: Stack) -> None:
    spec = own_stack.context.run / "relay.json"
    good = spec.read_text()
    spec.write_text(json.dumps(json.loads(good) | {"argv": ["/bin/false"]}))
    own_stack.kill("relay")
    failures = own_stack.context.logs / "supervisord.log"
    start = failures.read_text().count("exited: relay")
    assert wait(lambda: failures.read_text().count("exited: relay") >= start + 3, RECOVERY)

    spec.write_text(good)

    assert wait(lambda: is_healthy(own_stack), RECOVERY), own_stack.status()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_up_replaces_a_supervisor_that_is_gone_and_stops_nothing(
    own_stack: Stack, number: signal.Signals
) -> None:
    before = pids(own_stack)
    supervisor = int((own_stack.context.run / "supervisord.pid").read_text())
    os.kill(supervisor, number)
    assert {status.state for status in own_stack.status()} == {"unsupervised"}
    own_stack.kill("nginx")

    assert own_stack.up() == ["nginx"]
    assert not exists(supervisor)
    assert is_healthy(own_stack)
    assert {status.state for status in own_stack.status()} == {"running"}
    assert pids(own_stack) | {"nginx": None} == before | {"nginx": None}
    # The new supervisor watches those that it did not start.
    killed = own_stack.kill("relay")
    assert wait(lambda: is_healthy(own_stack), RECOVERY), own_stack.status()
    assert pids(own_stack)["relay"] != killed
    assert_kept(own_stack)


def test_no_part_waits_for_its_supervisor(own_stack: Stack) -> None:
    for name, pid in pids(own_stack).items():
        for output in (1, 2):
            log = own_stack.context.logs / f"{name}.log"
            assert os.readlink(f"/proc/{pid}/fd/{output}") == str(log.resolve())


def test_a_long_log_is_rotated_while_its_part_writes(own_stack: Stack) -> None:
    log = own_stack.context.logs / "ingest.log"
    with log.open("a") as file:
        file.write("x" * logs.MAX_BYTES + "\n")

    assert wait(lambda: log.stat().st_size < logs.MAX_BYTES, RECOVERY)
    assert log.with_suffix(".log.1").stat().st_size > logs.MAX_BYTES
    own_stack.kill("ingest", signal.SIGTERM)
    assert wait(lambda: "stopped" in log.read_text(), RECOVERY)
    assert wait(lambda: is_healthy(own_stack), RECOVERY), own_stack.status()


def test_a_changed_setting_restarts_only_its_readers_and_is_named(own_stack: Stack) -> None:
    lines: list[str] = []
    changed = Stack(private_stack(own_stack.config.dir, batch_size=77).config, lines.append)

    assert changed.up() == ["rate-limit-sync", "ingest", "relay", "stream"]
    assert lines[0] == "POSITION_MANAGER_BATCH_SIZE: was 1000, is 77"
    assert kept(own_stack.config.dir)["POSITION_MANAGER_BATCH_SIZE"] == "77"
    assert own_stack.up() == ["rate-limit-sync", "ingest", "relay", "stream"]


def test_the_status_names_a_part_that_is_down(own_stack: Stack) -> None:
    own_stack.up()
    Service(own_stack).fill("main", "GOLD")
    cli = Cli({"POSITION_MANAGER_STACK_DIR": str(own_stack.config.dir)})
    Supervisor(own_stack.context).stop_parts(["relay"])

    shown = cli("status")
    own_stack.up()

    assert shown.exit_code == 3
    assert "not running: relay. Start with  make up;" in shown.stderr
    for line in (
        "assumed   instruments: 1; see  reviews",
        "address   http://127.0.0.1:",
        f"version   {__version__}",
        "settings  POSITION_MANAGER_",
    ):
        assert line in shown.stdout


def moved(stack: Stack, port: int) -> Stack:
    """The stack with the gateway on another port."""
    service = stack.config.service.model_copy(update={"port": port})
    return Stack(replace(stack.config, service=service))


def test_nothing_stops_for_a_start_on_a_port_in_use(own_stack: Stack) -> None:
    before = pids(own_stack)

    with socket.create_server((LOCALHOST, 0)) as other, pytest.raises(StackError) as refused:
        moved(own_stack, other.getsockname()[1]).up()

    assert "is in use by another program: set POSITION_MANAGER_PORT" in str(refused.value)
    assert pids(own_stack) == before


def test_nothing_stops_for_a_certificate_that_nginx_cannot_read(own_stack: Stack) -> None:
    before = pids(own_stack)
    configuration = own_stack.context.data / "nginx" / "nginx.conf"
    served = configuration.read_text()
    missing = {"tls_certificate": Path("/nonexistent/gateway.pem"), "tls_key": Path("/nonexistent")}
    service = own_stack.config.service.model_copy(update=missing)

    with pytest.raises(StackError, match="nginx rejected its configuration"):
        Stack(replace(own_stack.config, service=service)).up()

    assert pids(own_stack) == before
    assert configuration.read_text() == served


def test_nothing_stops_for_a_tree_older_than_the_database(own_stack: Stack) -> None:
    before = pids(own_stack)
    (port,) = free_ports(1)
    with psycopg.connect(own_stack.context.dsn(), autocommit=True) as conn:
        rename = "UPDATE sqitch.changes SET change = %s WHERE change = %s"
        newest = read_plan(ROOT)[-1].name
        conn.execute(rename, ["ledger/of_a_newer_tree", newest])
        with pytest.raises(StackError, match="does not know: ledger/of_a_newer_tree"):
            moved(own_stack, port).up()
        conn.execute(rename, [newest, "ledger/of_a_newer_tree"])

    assert pids(own_stack) == before


def test_no_part_runs_as_root(own_stack: Stack) -> None:
    own_stack.up()

    if os.geteuid() != 0:
        assert users_of(own_stack) == dict.fromkeys(NAMES, os.geteuid())
        return
    wanted = {
        part: pwd.getpwnam(USERS[role]).pw_uid
        for role, parts in {
            "postgres": ["postgres"],
            "rabbitmq": ["epmd", "rabbitmq"],
            "rest": [*postgrest.POOLS],
            "web": ["nginx", "rate-limit-sync", "stream"],
            "worker": ["ingest", "relay"],
        }.items()
        for part in parts
    }
    # A worker gives up root once it has read its code.
    assert wait(lambda: users_of(own_stack) == wanted, RECOVERY), users_of(own_stack)
    for part in ("rate-limit-sync", "stream"):
        environ = f"/proc/{pids(own_stack)[part]}/environ"
        with pytest.raises(subprocess.CalledProcessError):
            subprocess.run(as_user(USERS["web"], ["/bin/cat", environ]), check=True)


def users_of(stack: Stack) -> dict[str, int]:
    """The user of each part's process."""
    status = {part: Path(f"/proc/{pid}/status").read_text() for part, pid in pids(stack).items()}
    return {part: int(text.partition("\nUid:")[2].split()[0]) for part, text in status.items()}


def test_secrets_are_readable_by_their_owner_only(own_stack: Stack) -> None:
    folder = own_stack.config.dir
    own_stack.up()

    for name in ("env", "key.header", "pgpass", "secrets.json", "settings.json"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    for log in own_stack.context.logs.iterdir():
        assert stat.S_IMODE(log.stat().st_mode) == 0o600
    for path in (own_stack.context.run, own_stack.context.logs):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_the_address_of_the_database_holds_no_password(own_stack: Stack) -> None:
    own_stack.up()
    password = own_stack.context.secrets.pms_operator

    assert password not in own_stack.env()["DATABASE_URL"]
    assert password in own_stack.context.passfile.read_text()


def test_env_contains_the_settings_of_clients(own_stack: Stack) -> None:
    lines = (own_stack.config.dir / "env").read_text().splitlines()
    env = dict(line.split("=", 1) for line in lines)

    assert set(env) == {
        "POSITION_MANAGER_URL",
        "POSITION_MANAGER_API_KEY",
        "RABBITMQ_URL",
        "DATABASE_URL",
        "ANALYST_DATABASE_URL",
        "COMPAT_DATABASE_URL",
    }
    assert env["POSITION_MANAGER_URL"] == f"http://127.0.0.1:{own_stack.context.service.port}"
    with psycopg.connect(env["DATABASE_URL"]) as conn:
        assert conn.execute("SELECT current_user").fetchall() == [("pms_operator",)]
    with psycopg.connect(env["ANALYST_DATABASE_URL"]) as conn:
        assert conn.execute("SELECT current_user").fetchall() == [("pms_analyst",)]
        seen = conn.execute("SELECT count(*) FROM positions").fetchall()
    with psycopg.connect(env["DATABASE_URL"]) as conn:
        assert conn.execute("SELECT count(*) FROM api.positions").fetchall() == seen
    with psycopg.connect(env["COMPAT_DATABASE_URL"]) as conn:
        assert conn.execute("SELECT current_user FROM positions LIMIT 1").fetchall() == []


def test_every_part_listens_on_loopback_only(own_stack: Stack) -> None:
    own_stack.up()
    ours = set(own_stack.config.port_settings().values())
    listening = [
        line.split()[1].split(":")
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    ]
    found = [(address, int(port, 16)) for address, port in listening if int(port, 16) in ours]

    assert {port for _, port in found} == ours
    # epmd listens on both loopback addresses.
    assert {address for address, _ in found} <= {"0100007F", "00000000000000000000000001000000"}


def test_postgrest_is_within_reach_of_the_gateway_alone(own_stack: Stack) -> None:
    folder = own_stack.context.data / postgrest.FOLDER
    listening = {
        line.split()[9]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    }
    gateway = own_stack.context.user("web")
    group = os.getgid() if gateway is None else pwd.getpwnam(gateway).pw_gid

    assert stat.S_IMODE(folder.stat().st_mode) == (0o700 if gateway is None else 0o2750)
    for name in postgrest.POOLS:
        served = (folder / f"{name}.sock").stat()
        assert (stat.S_IMODE(served.st_mode), served.st_gid) == (0o660, group)
        record = record_of(own_stack.context, name)
        assert record is not None
        opened = [os.readlink(each) for each in Path(f"/proc/{record.pid}/fd").iterdir()]
        assert not {f"socket:[{inode}]" for inode in listening} & set(opened)


@pytest.mark.parametrize("name", ["postgres", *postgrest.POOLS])
def test_the_memory_of_each_process_is_bounded(own_stack: Stack, name: str) -> None:
    part, record = own_stack.part(name), record_of(own_stack.context, name)
    assert record is not None
    (line,) = re.findall(r"Max data size +(\w+)", Path(f"/proc/{record.pid}/limits").read_text())

    assert int(line) == part.spec.memory


def test_a_statement_that_needs_too_much_memory_fails_alone(own_stack: Stack) -> None:
    with (
        psycopg.connect(own_stack.context.dsn()) as conn,
        pytest.raises(psycopg.errors.OutOfMemory),
    ):
        conn.execute("SELECT length(repeat('x', 1024 * 1024 * 1024 - 8))")
    assert is_healthy(own_stack)


# The last one: it adds to the ledger.
def test_a_short_campaign_finds_nothing_wrong(own_stack: Stack, seed: int) -> None:
    own_stack.up()
    faults = (
        "kill ingest", "kill stream", "terminate all backends", "set the clock back by 30 days",
    )  # fmt: skip
    campaign = Campaign(own_stack, seed, faults, seconds=0, hold=2)

    assert campaign.run(), campaign.outcomes
    assert all(outcome.sent for outcome in campaign.outcomes), campaign.outcomes
