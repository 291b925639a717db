"""A killed part restarts automatically, and so does the stack after its supervisor is killed.

These tests break things: they have a stack of their own, and run in one process.
"""

from __future__ import annotations

import json
import os
import re
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pika
import psycopg
import pytest

from faults.campaign import Campaign
from position_manager.stack import logs, postgrest
from position_manager.stack.parts import NAMES, record_of
from position_manager.stack.processes import exists, wait
from position_manager.stack.stack import Stack
from tests.helpers.ledger import Ledger, fill
from tests.helpers.ledger_check import assert_verified
from tests.helpers.runs import private_stack

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


def test_a_changed_setting_restarts_only_its_readers(own_stack: Stack) -> None:
    changed = private_stack(own_stack.config.dir, batch_size=77)

    assert changed.up() == ["rate-limit-sync", "ingest", "relay"]
    assert own_stack.up() == ["rate-limit-sync", "ingest", "relay"]


def test_secrets_are_readable_by_their_owner_only(own_stack: Stack) -> None:
    folder = own_stack.config.dir
    own_stack.up()

    for path in (folder / "env", folder / "secrets.json", folder / "supervisord.conf"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(own_stack.context.run.stat().st_mode) == 0o700


def test_env_contains_the_settings_of_clients(own_stack: Stack) -> None:
    lines = (own_stack.config.dir / "env").read_text().splitlines()
    env = dict(line.split("=", 1) for line in lines)

    assert set(env) == {
        "POSITION_MANAGER_URL",
        "POSITION_MANAGER_API_KEY",
        "RABBITMQ_URL",
        "DATABASE_URL",
    }
    assert env["POSITION_MANAGER_URL"] == f"http://127.0.0.1:{own_stack.context.service.port}"
    with psycopg.connect(env["DATABASE_URL"]) as conn:
        assert conn.execute("SELECT current_user").fetchall() == [("pms_operator",)]


def test_every_part_listens_on_loopback_only(own_stack: Stack) -> None:
    ours = set(own_stack.config.port_settings().values()) - {own_stack.context.service.port}
    listening = [
        line.split()[1].split(":")
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    ]
    addresses = {address for address, port in listening if int(port, 16) in ours}

    assert addresses == {"0100007F"}


def test_postgrest_is_within_reach_of_the_gateway_alone(own_stack: Stack) -> None:
    folder = own_stack.context.data / postgrest.FOLDER
    listening = {
        line.split()[9]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    }

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in postgrest.POOLS:
        assert stat.S_IMODE((folder / f"{name}.sock").stat().st_mode) == 0o660
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
    faults = ("kill ingest", "terminate all backends", "set the clock back by 30 days")
    campaign = Campaign(own_stack, seed, faults, seconds=0, hold=2)

    assert campaign.run(), campaign.outcomes
    assert all(outcome.sent for outcome in campaign.outcomes), campaign.outcomes
