"""Faults of processes: killed, ended, hanging."""

from __future__ import annotations

import os
import signal
from functools import partial

from faults.site import Fault, Site
from position_manager.stack.parts import NAMES, WORKERS
from position_manager.stack.postgrest import POOLS
from position_manager.stack.processes import wait

BACKEND = """
    SELECT a.pid
    FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.usename = %s
    ORDER BY a.backend_start
    LIMIT 1
"""


# Seconds until every part is ready; on a busy machine the broker takes minutes to start.
PATIENCE = 300.0


def kill(site: Site, part: str) -> None:
    site.stack.kill(part)


def end(site: Site, part: str) -> None:
    site.stack.kill(part, signal.SIGTERM)


def hang(site: Site, part: str) -> None:
    with site.stopped(site.pid(part)):
        site.hold()


def kill_everything(site: Site) -> None:
    for part in reversed(NAMES):
        site.stack.kill(part)


def backend(site: Site, user: str) -> int:
    """The oldest backend of a role."""
    with site.connected() as connection:
        ((pid,),) = connection.execute(BACKEND, [user]).fetchall()
    return int(pid)


def kill_backend(site: Site) -> None:
    os.kill(backend(site, "pms_worker"), signal.SIGKILL)


def hang_backend(site: Site) -> None:
    with site.stopped(backend(site, "pms_worker")):
        site.hold()


def kill_server_beside_a_hanging_backend(site: Site) -> None:
    os.kill(backend(site, "pms_worker"), signal.SIGSTOP)
    site.stack.kill("postgres")


def supervisor(site: Site) -> int:
    return int((site.stack.context.run / "supervisord.pid").read_text())


def kill_supervisor(site: Site) -> None:
    os.kill(supervisor(site), signal.SIGKILL)
    site.stack.kill("ingest")
    site.hold()
    site.stack.up()


def hang_supervisor(site: Site) -> None:
    with site.stopped(supervisor(site)):
        site.hold(max(site.seconds, 20))


def end_pg_cron(site: Site) -> None:
    with site.connected() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(a.pid, 10000) FROM pg_stat_activity a"
            " WHERE a.backend_type = 'pg_cron launcher'"
        )
    site.stack.up()


def everything_is_ready(site: Site) -> bool:
    """Whether every part runs and answers."""
    parts = [site.stack.part(name) for name in NAMES]
    return wait(
        lambda: all(part.runs_as_wanted(site.stack.context) and part.ready() for part in parts),
        PATIENCE,
    )


FAULTS: dict[str, Fault] = {
    **{f"kill {name}": partial(kill, part=name) for name in NAMES},
    **{f"end {name}": partial(end, part=name) for name in WORKERS},
    **{
        f"hang {name}": partial(hang, part=name)
        for name in ("postgres", "rabbitmq", *POOLS, "nginx", *WORKERS)
    },
    "kill everything": kill_everything,
    "kill a backend": kill_backend,
    "hang a backend": hang_backend,
    "kill postgres beside a hanging backend": kill_server_beside_a_hanging_backend,
    "kill the supervisor": kill_supervisor,
    "hang the supervisor": hang_supervisor,
    "end pg_cron": end_pg_cron,
}
