"""The private stack: start, stop and status, for the command line, tests and benchmarks."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

import filelock

from position_manager.stack import (
    deploy,
    nginx,
    ports,
    postgres,
    postgrest,
    rabbitmq,
    settings,
    worker,
)
from position_manager.stack.context import LOCALHOST, Context, StackConfig, StackError, write
from position_manager.stack.parts import (
    NAMES,
    WORKERS,
    Part,
    answers_ok,
    ports_of,
    record_of,
    spec_path,
)
from position_manager.stack.processes import send, started_with, wait
from position_manager.stack.supervisor import Process, Supervisor, configuration

BUILDERS: dict[str, Callable[[Context], Part]] = {
    "postgres": postgres.part,
    "epmd": rabbitmq.epmd_part,
    "rabbitmq": rabbitmq.rabbitmq_part,
    **{name: partial(postgrest.part, name=name) for name in postgrest.POOLS},
    "nginx": nginx.part,
    "rate-limit-sync": worker.rate_limit_sync_part,
    "ingest": lambda context: worker.part(context, "ingest"),
    "relay": lambda context: worker.part(context, "relay"),
    "stream": worker.stream_part,
}
# Called before anything stops; they raise StackError for an obstacle to a start.
CHECKS = (postgres.check, rabbitmq.check, postgrest.check, nginx.check)
# Started first; the other parts need the schema.
STORES = ("postgres", "epmd", "rabbitmq")
HEALTH_PATIENCE = 30.0
# It retries every second while its database does not exist.
JOBS_PATIENCE = 5.0
# Groups of parts that stop together, clients before the servers they use.
STOP_ORDER = (
    ("nginx", *WORKERS),
    (*postgrest.POOLS, "rabbitmq"),
    ("epmd", "postgres"),
)


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a part."""

    part: str
    state: str
    pid: int | None
    uptime: int | None
    ports: tuple[int, ...]


class Stack:
    """A private stack. As a context manager it starts, and is deleted at the end."""

    def __init__(
        self, config: StackConfig, log: Callable[[str], None] = lambda _line: None
    ) -> None:
        self.config = config
        self.context = Context(config)
        self._supervisor = Supervisor(self.context)
        self._log = log
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        try:
            self.up()
        except BaseException:
            self.down(delete=True)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.down(delete=True)

    def up(self, names: Collection[str] = NAMES) -> list[str]:
        """Start stopped parts and deploy the schema; return the names of the started parts.

        A part whose code, configuration or settings have changed is restarted. Raises StackError,
        before any part stops where it is known to be unable to start again.
        """
        for warning in ports.warnings(self.config.port_settings()):
            self._log(warning)
        ports.check_distinct(self.config.port_settings())
        self.context.prepare()
        self._began = time.monotonic()
        with self._alone():
            self._check()
            for change in settings.changes(self.config):
                self._log(change)
            self._stop_what_moved()
            self._start_supervisor()
            started = self._bring_up([name for name in NAMES if name in names])
            if "postgres" in names and self._revive_jobs():
                started = [name for name in NAMES if name in {"postgres", *started}]
            self._write_env()
            settings.keep(self.config)
        return started

    def _bring_up(self, names: list[str]) -> list[str]:
        stores = self._build([name for name in names if name in STORES])
        served = [name for name in names if name not in STORES]
        started = self._start(stores)
        # The schema is deployed while the broker starts, which takes longer.
        for part in stores[:1]:
            self._await(part)
        if served:
            self._deploy()
        for part in stores[1:]:
            self._await(part)
        rest = self._build(served)
        started += self._start(rest)
        for part in rest:
            self._await(part)
        if set(names) == set(NAMES):
            self._await_health()
        return started

    def _revive_jobs(self) -> bool:
        """Restart PostgreSQL if pg_cron has ended; return whether it did."""
        if wait(lambda: postgres.runs_jobs(self.context), JOBS_PATIENCE):
            return False
        self._report("pg_cron has ended: restarting postgres")
        self._supervisor.stop_parts(["postgres"])
        self._supervisor.start_part("postgres")
        self._await(self.part("postgres"))
        return True

    def down(self, delete: bool = False) -> None:
        """Stop all parts in order. With `delete`, kill them at once and delete the data."""
        if self.context.exists():
            with self._alone():
                if delete:
                    self._kill()
                else:
                    self._stop()
        if delete:
            self.context.remove()

    def status(self) -> list[Status]:
        """The state of every part, running or not."""
        known = self._processes() if self.context.exists() else {}
        stopped = Process("stopped", None, None)
        return [
            Status(name, process.state, process.pid, process.uptime, ports_of(self.context, name))
            for name in NAMES
            for process in [known.get(name, stopped)]
        ]

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to a part's process, by default SIGKILL; return its pid."""
        pid = self._processes()[name].pid
        if pid is None:
            raise StackError(f"{name} is not running")
        os.kill(pid, number)
        return pid

    def part(self, name: str) -> Part:
        """A part, built from the current configuration."""
        return BUILDERS[name](self.context)

    def env(self) -> dict[str, str]:
        """The variables for clients, as in the file ``env`` of the stack's folder."""
        return {
            "POSITION_MANAGER_URL": f"http://{LOCALHOST}:{self.context.service.port}",
            "POSITION_MANAGER_API_KEY": self.context.secrets.api_key,
            "RABBITMQ_URL": rabbitmq.url(self.context),
            "DATABASE_URL": self.context.url("pms_operator"),
            "ANALYST_DATABASE_URL": self.context.url("pms_analyst"),
            "COMPAT_DATABASE_URL": self.context.url("pms_compat"),
        }

    def use_key(self, key: str) -> None:
        """Replace the stack's own API key, in its files."""
        self.context.change_key(key)
        self._write_env()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock that lets one command at a time change the stack."""
        try:
            with filelock.FileLock(self.context.run / "lock", timeout=120):
                yield
        except filelock.Timeout as error:
            raise StackError(
                f"another command holds the lock of {self.context.dir}: try again later"
            ) from error

    def _processes(self) -> dict[str, Process]:
        records = {name: record_of(self.context, name) for name in NAMES}
        # Of an adopted part the supervisor knows the launcher.
        pids = {name: each.pid for name, each in records.items() if each and each.alive()}
        if not self._supervisor.running():
            return {name: Process("unsupervised", pid, None) for name, pid in pids.items()}
        return {
            name: replace(process, pid=pids.get(name, process.pid))
            for name, process in self._supervisor.processes().items()
        }

    def _build(self, names: list[str]) -> list[Part]:
        return [BUILDERS[name](self.context) for name in names]

    def _check(self) -> None:
        """Raise StackError for what would prevent a start, while everything still runs."""
        before = Stack(self.config.as_started())
        records = {name: record_of(self.context, name) for name in NAMES}
        # Of a part that was killed, some processes may be left, which end before it starts again.
        ours = [name for name, record in records.items() if record is not None and record.is_left()]
        self._check_ports(before, ours)
        configuration(self.context)
        for check in CHECKS:
            check(self.context)
        if "postgres" in ours:
            deploy.check(before.context)

    def _check_ports(self, before: Stack, parts: list[str]) -> None:
        """Check that every port is free or held by one of these parts of the stack."""
        held = {port for name in parts for port in ports_of(before.context, name)}
        if before._supervisor.exists():
            held.add(before.context.ports.supervisor_port)
        ports.check_free(
            [
                (setting, host, port)
                for setting, port in self.config.port_settings().items()
                if port not in held
                for host in self.config.addresses_of(setting)
            ]
        )

    def _stop_what_moved(self) -> None:
        """Stop the stack if its ports or its supervisor's configuration changed.

        If no supervisor answers, end the processes that killed parts have left.
        """
        before = Stack(self.config.as_started())
        if (
            before.config.port_settings() != self.config.port_settings()
            or not self._supervisor.configured(configuration(self.context))
        ):
            before._stop()
        elif not self._supervisor.running():
            self._supervisor.kill()
            for name in NAMES:
                record = record_of(self.context, name)
                if record is not None and not record.alive():
                    record.end()

    def _start_supervisor(self) -> None:
        write(self.context.dir / "ports.json", json.dumps(self.config.port_settings(), indent=1))
        if not self._supervisor.running():
            self._supervisor.start(configuration(self.context))

    def _stop(self) -> None:
        """Stop the parts through the supervisor, then processes that a killed one left."""
        if self._supervisor.running():
            for names in STOP_ORDER:
                self._supervisor.stop_parts(list(names))
            self._supervisor.shut_down()
        self._supervisor.kill()
        for names in STOP_ORDER:
            for name in names:
                if (record := record_of(self.context, name)) is not None:
                    record.end(patience=60)

    def _kill(self) -> None:
        """Kill every process: data that will be deleted need no clean stop."""
        launchers = [spec_path(self.context, name) for name in NAMES]
        for pid in started_with(self._supervisor.configuration_path, *launchers):
            send(pid, signal.SIGKILL)
        records = {name: record_of(self.context, name) for name in NAMES}
        for name, record in records.items():
            if record is not None and record.alive():
                # A killed server would leave its shared memory.
                send(record.pid, signal.SIGQUIT if name == "postgres" else signal.SIGKILL)
        for record in records.values():
            if record is not None:
                record.end()

    def _start(self, wanted: list[Part]) -> list[str]:
        started = []
        for part in wanted:
            process = self._supervisor.processes()[part.name]
            runs = part.runs_as_wanted(self.context)
            if runs and process.pid is not None:
                continue
            if process.pid is not None:
                self._supervisor.stop_parts([part.name])
            write(spec_path(self.context, part.name), part.spec.text())
            # A part that runs as wanted is adopted.
            self._supervisor.start_part(part.name)
            if not runs:
                started.append(part.name)
        return started

    def _await(self, part: Part) -> None:
        def ready() -> bool:
            return part.runs_as_wanted(self.context) and part.ready()

        if not wait(ready, part.patience):
            log = self.context.logs / f"{part.name}.log"
            raise StackError(f"{part.name} is not ready after {part.patience:.0f} s; see {log}")
        self._report(f"{part.name} is ready")

    def _await_health(self) -> None:
        url = f"{self.env()['POSITION_MANAGER_URL']}/health"
        if not wait(lambda: answers_ok(url), HEALTH_PATIENCE):
            raise StackError(f"{url} does not report healthy; see {self.context.logs}")
        self._report("the service is healthy")

    def _deploy(self) -> None:
        self._report("deploying the schema")
        deploy.create_database(self.context)
        deploy.deploy_schema(self.context)
        deploy.load_settings(self.context)
        deploy.maintain_partitions(self.context)
        deploy.schedule_jobs(self.context)
        self._report("the schema is deployed")

    def _report(self, step: str) -> None:
        self._log(f"{time.monotonic() - self._began:5.1f} s  {step}")

    def _write_env(self) -> None:
        variables = self.env()
        lines = (f"{name}={value}\n" for name, value in variables.items())
        write(self.context.dir / "env", "".join(lines))
        # Other users read command lines: clients take these secrets from a file instead.
        write(self.context.key_header, f"X-API-Key: {variables['POSITION_MANAGER_API_KEY']}\n")
        roles = ("pms_operator", "pms_analyst", "pms_compat")
        write(self.context.passfile, "".join(map(self.context.passfile_text, roles)))
