"""Three PostgreSQL under Patroni, with the configuration of ``ops/standby``, and an etcd."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import yaml

from position_manager.config.database import servers
from position_manager.deploy import database as deployment
from position_manager.paths import ROOT
from position_manager.stack import deploy, postgres
from position_manager.stack.context import DATABASE, LOCALHOST, SUPERUSER, Context
from position_manager.stack.launch import as_user
from position_manager.stack.parts import CLEAN_ENV, answers_ok
from position_manager.stack.ports import free_ports
from position_manager.stack.processes import send, wait, working_in

FILE = ROOT / "ops" / "standby" / "patroni.yml"
ALERTS = ROOT / "ops" / "standby" / "alerts.yml"
NAMES = ("db1", "db2", "db3")
START_PATIENCE = 120.0
# The lease of a primary that is gone has to end first.
PROMOTION_PATIENCE = 120.0
STREAMING = "SELECT application_name, sync_state FROM pg_stat_replication WHERE state = 'streaming'"
REPLAYED = "SELECT pg_last_wal_replay_lsn() >= '{}'::pg_lsn"
TIMELINE = """
    SELECT coalesce(
        (SELECT r.received_tli FROM pg_stat_wal_receiver r),
        CASE WHEN NOT pg_is_in_recovery()
            THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer
        END
    )
"""


class Processes:
    """Programs of the drill, each in a session of its own, which end with it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self, name: str, argv: list[str], env: dict[str, str], cwd: Path, user: str | None
    ) -> None:
        path = self._context.logs / f"{name}.log"
        with path.open("ab") as log:
            if user is not None:
                # nginx opens its log by the name of the descriptor.
                shutil.chown(path, user)
            self._running[name] = subprocess.Popen(
                argv if user is None else as_user(user, argv),
                env=CLEAN_ENV | env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a program and its children, if it runs."""
        if name not in self._running:
            return
        try:
            os.killpg(self._running[name].pid, number)
        except ProcessLookupError:
            return

    def kill(self, name: str) -> None:
        self.signal(name, signal.SIGKILL)
        if name in self._running:
            self._running.pop(name).wait()

    def end(self) -> None:
        for name in reversed([*self._running]):
            self.kill(name)


@dataclass(frozen=True)
class Node:
    """A host of the cluster."""

    name: str
    port: int
    rest_port: int
    data: Path

    def server_processes(self) -> list[int]:
        """Its server's processes; the server itself has no parent of ours."""
        return working_in(self.data, postgres.bin_dir() / "postgres")


class Cluster:
    """The hosts, and what the drill does to them."""

    def __init__(self, context: Context, processes: Processes) -> None:
        self._context = context
        self._processes = processes
        self._user = context.user("postgres")
        self.folder = context.folder("patroni", "postgres")
        self._etcd_port, self._etcd_peer_port, *ports = free_ports(2 + 2 * len(NAMES))
        self.nodes = [
            Node(name, ports[2 * number], ports[2 * number + 1], self.folder / name)
            for number, name in enumerate(NAMES)
        ]

    @property
    def hosts(self) -> str:
        return ",".join(LOCALHOST for _ in self.nodes)

    @property
    def ports(self) -> str:
        return ",".join(str(node.port) for node in self.nodes)

    def database(self) -> deployment.Database:
        """The product's database, on whichever host is the primary."""
        return replace(deploy.database(self._context), host=self.hosts, port=self.ports)

    def start(self) -> None:
        """Start etcd and the hosts; the first creates the cluster, the others clone it."""
        self._make_certificate()
        self._start_etcd()
        for node in self.nodes:
            self._configure(node)
            self.start_node(node)
            self.until(partial(self.answers, node), START_PATIENCE)
        self.await_standbys()

    def start_node(self, node: Node) -> None:
        argv = ["/usr/bin/patroni", str(self.folder / f"{node.name}.yml")]
        env = {"HOME": str(self.folder), "PYTHONUNBUFFERED": "1"}
        self._processes.start(node.name, argv, env, self.folder, self._user)

    def kill(self, node: Node) -> None:
        """Kill a host: Patroni and the whole server at once."""
        self._processes.kill(node.name)
        while pids := node.server_processes():
            for pid in pids:
                send(pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill all hosts."""
        for node in self.nodes:
            self._processes.signal(node.name, signal.SIGCONT)
            self.kill(node)

    @contextmanager
    def frozen(self, node: Node) -> Iterator[None]:
        """Stop a host, as one whose virtual machine is paused; at the end it wakes up."""
        stopped: set[int] = set()
        self._processes.signal(node.name, signal.SIGSTOP)
        # One that was being forked appears late.
        while pids := set(node.server_processes()) - stopped:
            for pid in pids:
                send(pid, signal.SIGSTOP)
            stopped |= pids
        try:
            yield
        finally:
            for pid in stopped:
                send(pid, signal.SIGCONT)
            self._processes.signal(node.name, signal.SIGCONT)

    def primary(self) -> Node:
        """The host that accepts writes."""
        with psycopg.connect(self.dsn(dbname="postgres")) as connection:
            ((port,),) = connection.execute("SELECT current_setting('port')::integer").fetchall()
        return next(node for node in self.nodes if node.port == port)

    def await_promotion(self, former: Node) -> None:
        """Wait for another primary than the former."""
        others = [node for node in self.nodes if node is not former]
        self.until(lambda: "primary" in map(self.state, others), PROMOTION_PATIENCE)

    def await_standbys(self) -> None:
        """Wait until all hosts but the primary follow it, and one confirms commits."""
        self.until(lambda: sorted(self.standbys().values()) == ["async", "sync"], START_PATIENCE)

    def state(self, node: Node) -> str | None:
        """Whether a host is the primary or a standby; None when it does not answer."""
        try:
            ((in_recovery,),) = self.rows(node, "SELECT pg_is_in_recovery()")
        except psycopg.Error:
            return None
        return "standby" if in_recovery else "primary"

    def answers(self, node: Node) -> bool:
        """Whether the server of a host answers."""
        return self.state(node) is not None

    def replayed(self, node: Node, lsn: str) -> bool:
        """Whether a standby has replayed the WAL up to a position."""
        return self.rows(node, REPLAYED.format(lsn)) == [(True,)]

    def standbys(self) -> dict[str, str]:
        """The standbys that stream from the primary, with their state."""
        try:
            with psycopg.connect(self.dsn(dbname="postgres")) as connection:
                return dict(connection.execute(STREAMING).fetchall())
        except psycopg.OperationalError:
            return {}

    def rows(self, node: Node, query: str, dbname: str = "postgres") -> list[tuple[Any, ...]]:
        """The rows of a query on one host."""
        with psycopg.connect(
            self._context.dsn(dbname=dbname), port=node.port, connect_timeout=2
        ) as connection:
            return connection.execute(query.encode()).fetchall()

    def unknown_metrics(self) -> set[str]:
        """The metrics of the alerts that Patroni does not have."""
        used = set(re.findall(r"patroni_\w+", ALERTS.read_text()))
        url = f"http://{LOCALHOST}:{self.primary().rest_port}/metrics"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return used - set(re.findall(r"^patroni_\w+", answer.read().decode(), re.MULTILINE))

    def timelines(self) -> list[int]:
        """The timeline of each host."""
        return [self.rows(node, TIMELINE)[0][0] for node in self.nodes]

    def dsn(self, user: str = SUPERUSER, dbname: str = DATABASE, **session: str) -> str:
        """A connection string for the primary, or with other attributes of the session."""
        wanted = servers(self.hosts, self.ports) | session
        return psycopg.conninfo.make_conninfo(
            user=user,
            password=getattr(self._context.secrets, user),
            dbname=dbname,
            connect_timeout=2,
            **wanted,
        )

    def until(self, done: Callable[[], bool], patience: float) -> None:
        if not wait(done, patience):
            raise TimeoutError(f"not within {patience:.0f} s; see {self._context.logs}")

    def _start_etcd(self) -> None:
        client, peer = (
            f"http://{LOCALHOST}:{port}" for port in (self._etcd_port, self._etcd_peer_port)
        )
        argv = [
            "/usr/bin/etcd",
            "--name=one",
            f"--data-dir={self.folder}/etcd",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=one={peer}",
            "--enable-v2=true",
            "--log-level=warn",
        ]
        self._processes.start("etcd", argv, {}, self.folder, self._user)
        self.until(lambda: answers_ok(f"{client}/health"), START_PATIENCE)

    def _configure(self, node: Node) -> None:
        """Write the configuration of a host: that of ``ops``, on a port of this machine."""
        found = yaml.safe_load(FILE.read_text())
        words = self._context.secrets
        rest = f"{LOCALHOST}:{node.rest_port}"
        found["name"] = node.name
        found["restapi"] |= {"listen": rest, "connect_address": rest}
        found["restapi"]["authentication"]["password"] = words.supervisor
        found["etcd"]["hosts"] = f"{LOCALHOST}:{self._etcd_port}"
        server = found["postgresql"]
        server |= {
            "listen": f"{LOCALHOST}:{node.port}",
            "connect_address": f"{LOCALHOST}:{node.port}",
            "data_dir": str(node.data),
            "bin_dir": str(postgres.bin_dir()),
            "pgpass": str(self.folder / f"{node.name}.pgpass"),
            "pg_hba": [line.replace("10.0.0.0/24", f"{LOCALHOST}/32") for line in server["pg_hba"]],
        }
        for role in server["authentication"].values():
            role["password"] = words.postgres
        server["parameters"] |= {
            "unix_socket_directories": "",
            "ssl_cert_file": str(self.folder / "server.crt"),
            "ssl_key_file": str(self.folder / "server.key"),
        }
        text = yaml.safe_dump(found, sort_keys=False)
        self._context.owned_file(self.folder / f"{node.name}.yml", text, "postgres")

    def _make_certificate(self) -> None:
        certificate, key = self.folder / "server.crt", self.folder / "server.key"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days=2"),
                *("-subj=/CN=localhost", f"-out={certificate}", f"-keyout={key}"),
            ],
            check=True,
            capture_output=True,
        )
        key.chmod(0o600)
        self._context.give("postgres", certificate, key)
