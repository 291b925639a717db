"""supervisord: keeps the parts running; its API on 127.0.0.1 has a password."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from position_manager.stack.context import LOCALHOST, Context, StackError, write
from position_manager.stack.launch import log_path
from position_manager.stack.parts import CLEAN_ENV, STOPS, listening, spec_path
from position_manager.stack.processes import send, started_with, wait

USER = "stack"
START_PATIENCE = 15.0
ANSWER_PATIENCE = 5.0

HEAD = """\
[supervisord]
directory = {dir}
pidfile = {dir}/run/supervisord.pid
logfile = {dir}/logs/supervisord.log
umask = 077
logfile_maxbytes = 5MB
logfile_backups = 2
childlogdir = {dir}/logs
identifier = position-manager
{user_line}

[inet_http_server]
port = {host}:{port}
username = {user}
password = {password}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[rpcinterface:rotation]
supervisor.rpcinterface_factory = position_manager.stack.logs:Rotation
folder = {dir}/logs
"""

# startsecs 0: no start counts as failed, so restarts never stop; the launcher limits their rate.
# maxbytes 0: launcher and part write to the log themselves, see position_manager.stack.logs.
PROGRAM = """
[program:{name}]
command = {python} -I -m position_manager.stack.launch {spec}
autostart = false
autorestart = true
startsecs = 0
stopsignal = {stop_signal}
stopwaitsecs = {stop_seconds}
killasgroup = true
redirect_stderr = true
stdout_logfile = {log}
stdout_logfile_maxbytes = 0
"""


@dataclass(frozen=True, slots=True)
class Process:
    """The process of a part, as the supervisor reports it; `uptime` is in seconds."""

    state: str
    pid: int | None
    uptime: int | None


class _Transport(xmlrpc.client.Transport):
    """A connection to a supervisor that may hang."""

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = super().make_connection(host)
        connection.timeout = ANSWER_PATIENCE
        return connection


class Supervisor:
    """The supervisor of one stack."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.configuration_path = context.dir / "supervisord.conf"

    def _call(self, method: str, *arguments: object) -> Any:
        password = self._context.secrets.supervisor
        address = f"http://{USER}:{password}@{LOCALHOST}:{self._context.ports.supervisor_port}"
        with xmlrpc.client.ServerProxy(address, transport=_Transport()) as server:
            return getattr(server.supervisor, method)(*arguments)

    def running(self) -> bool:
        """Whether this stack's supervisor answers; another one would not know the password."""
        try:
            return bool(self._call("getState")["statename"] == "RUNNING")
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return False

    def exists(self) -> bool:
        """Whether its process exists; it may hang."""
        return bool(started_with(self.configuration_path))

    def configured(self, text: str) -> bool:
        """Whether the supervisor was started with the configuration `text`."""
        return self.configuration_path.exists() and self.configuration_path.read_text() == text

    def start(self, text: str) -> None:
        write(self.configuration_path, text)
        # Opened before the umask is in force.
        (self._context.logs / "supervisord.log").touch(mode=0o600)
        done = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "-c", self.configuration_path],
            cwd="/",
            env=CLEAN_ENV | {"HOME": str(self._context.dir)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0 or not wait(self.running, START_PATIENCE):
            log = self._context.logs / "supervisord.log"
            raise StackError(f"the supervisor did not start; see {log}\n{done.stdout}{done.stderr}")

    def processes(self) -> dict[str, Process]:
        """The processes of all parts, by name."""
        return {
            info["name"]: Process(
                state=info["statename"].lower(),
                pid=info["pid"] or None,
                uptime=info["now"] - info["start"] if info["pid"] else None,
            )
            for info in self._call("getAllProcessInfo")
        }

    def start_part(self, name: str) -> None:
        self._call("startProcess", name, True)

    def stop_parts(self, names: list[str]) -> None:
        """Stop these parts together and wait until they have stopped."""
        # A supervisor of an older tree may lack a part.
        found = self.processes()
        running = [name for name in names if name in found and found[name].pid is not None]
        for name in running:
            self._call("stopProcess", name, False)
        wait(lambda: not any(self.processes()[name].pid for name in running), patience=90)

    def kill(self) -> None:
        """Kill a supervisor that does not answer. Its parts go on, see the launcher."""
        for pid in started_with(self.configuration_path):
            send(pid, signal.SIGKILL)
        wait(lambda: not self.exists(), START_PATIENCE)

    def shut_down(self) -> None:
        self._call("shutdown")
        if not wait(lambda: not listening(self._context.ports.supervisor_port), START_PATIENCE):
            raise StackError("the supervisor does not stop")


def configuration(context: Context) -> str:
    """The supervisor's configuration, with every part; none starts automatically."""
    head = HEAD.format(
        dir=escaped(context.dir),
        user_line="user = root" if context.as_root else "",
        host=LOCALHOST,
        port=context.ports.supervisor_port,
        user=USER,
        password=context.secrets.supervisor,
    )
    programs = (
        PROGRAM.format(
            name=name,
            python=escaped(Path(sys.executable)),
            spec=escaped(spec_path(context, name)),
            stop_signal=stop_signal,
            stop_seconds=seconds,
            log=escaped(log_path(spec_path(context, name))),
        )
        for name, (stop_signal, seconds) in STOPS.items()
    )
    return head + "".join(programs)


def escaped(path: Path) -> str:
    """A path in the syntax of the configuration, which cannot express spaces or quotes."""
    if any(character.isspace() or character in "\"';" for character in str(path)):
        raise StackError(f"{path}: the path of a stack must not contain spaces, quotes or ;")
    return str(path).replace("%", "%%")
