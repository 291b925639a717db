"""Recover to a point in time with pgBackRest: ``python -m tests.drills.pitr``.

On a cluster of its own, with the files of ``ops/pgbackrest``: archive the WAL, back up by the
nightly script, record fills, note the time, do damage, recover to the time. Needs the Debian
package pgbackrest. Prints its findings; exits with 1 when a fill is missing or left over.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from position_manager.paths import ROOT
from position_manager.stack import deploy, postgres
from position_manager.stack.context import LOCALHOST, SUPERUSER
from position_manager.stack.stack import Stack
from tests.drills.common import own_stack, report, rows
from tests.helpers.ledger_check import assert_verified
from tests.helpers.sessions import apply, session

FILES = ROOT / "ops" / "pgbackrest"
STANZA = "position-manager"
FILLS = "SELECT count(*) FROM api.fills"
EPOCH = "SELECT pms.current_epoch()"


class Repository:
    """pgBackRest with the configuration of ``ops/``, for the cluster of a stack."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._stack = stack
        self._user = stack.context.user("postgres")
        self._folder = stack.context.folder("pgbackrest", "postgres")
        self.configuration = self._folder / "pgbackrest.conf"
        places = {
            "repo1-path": self._folder / "repository",
            "pg1-path": stack.context.data / "postgres" / "cluster",
            "pg1-port": stack.context.ports.postgres_port,
            "log-level-file": "off",
        }
        text = (FILES / "pgbackrest.conf").read_text()
        for name, value in places.items():
            text = re.sub(rf"^{name}=.*", f"{name}={value}", text, flags=re.MULTILINE)
        text = text.replace("[global]\n", f"[global]\nlock-path={self._folder}\n")
        stack.context.owned_file(self.configuration, text, "postgres")

    @property
    def environment(self) -> dict[str, str]:
        programs = postgres.bin_dir()
        return {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(self._folder),
            "PGBACKREST_CONFIG": str(self.configuration),
            "REPOSITORY": str(self._folder / "repository"),
            "PGHOST": LOCALHOST,
            "PGPORT": str(self._stack.context.ports.postgres_port),
            "PGUSER": SUPERUSER,
            "PGPASSWORD": self._stack.context.secrets.postgres,
        }

    def run(self, *arguments: str | Path) -> None:
        """Run a program as the user of the server."""
        done = subprocess.run(
            arguments,
            cwd=self._folder,
            env=self.environment,
            user=self._user,
            group=self._user,
            extra_groups=None if self._user is None else [],
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, arguments))} failed:\n{done.stdout}{done.stderr}")

    def pgbackrest(self, *arguments: str) -> None:
        # On the command line: the command that fetches WAL during the recovery repeats it.
        configuration = f"--config={self.configuration}"
        self.run("pgbackrest", configuration, f"--stanza={STANZA}", *arguments)


def archive(stack: Stack, repository: Repository) -> None:
    """Have the server archive its WAL, with the settings of ``ops/pgbackrest``."""
    settings = dict(
        line.split(" = ", 1)
        for line in (FILES / "postgresql.conf").read_text().splitlines()
        if not line.startswith("#")
    )
    settings["archive_command"] = settings["archive_command"].replace(
        "pgbackrest ", f"pgbackrest --config={repository.configuration} "
    )
    with psycopg.connect(stack.context.dsn(dbname="postgres"), autocommit=True) as conn:
        for name, value in settings.items():
            conn.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
    stack.down()
    stack.up(["postgres"])


def main() -> int:
    with own_stack() as (stack, folder):
        stack.up(["postgres"])
        repository = Repository(stack, folder)
        archive(stack, repository)
        deploy.create_database(stack.context)
        deploy.deploy_schema(stack.context)
        repository.pgbackrest("stanza-create")
        repository.pgbackrest("check")
        played = session(1, 300)
        worker, parts = stack.context.dsn("pms_worker"), len(played.messages) // 3
        apply(worker, played.messages[:parts])
        began = time.monotonic()
        repository.run(FILES / "nightly", "full")
        backed_up = time.monotonic() - began
        apply(worker, played.messages[parts : 2 * parts])
        wanted = rows(stack, FILLS)
        ((moment, epoch),) = rows(stack, "SELECT clock_timestamp()::text, pms.current_epoch()")
        time.sleep(1)
        apply(worker, played.messages[2 * parts :])
        lost = rows(stack, FILLS)
        # The damage. The WAL with it is archived, too.
        rows(stack, "DROP SCHEMA api CASCADE")
        with psycopg.connect(stack.context.dsn(dbname="postgres"), autocommit=True) as conn:
            conn.execute("SELECT pg_switch_wal()")
        stack.down()
        began = time.monotonic()
        repository.pgbackrest(
            "--delta", "--type=time", f"--target={moment}", "--target-action=promote", "restore"
        )
        stack.up(["postgres"])
        with psycopg.connect(stack.context.dsn(dbname="postgres"), autocommit=True) as conn:
            while conn.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
                time.sleep(0.2)
        seconds = time.monotonic() - began
        found = rows(stack, FILLS)
        ((new_epoch,),) = rows(stack, EPOCH)
        entries = assert_verified(stack.context.dsn())
        recorded = rows(stack, "SELECT b.stored_in, b.is_verified FROM pms.backups b")
        return report(
            "recovery to a point in time with pgBackRest",
            {
                "seconds of the nightly backup": f"{backed_up:.1f}",
                "seconds of the recovery": f"{seconds:.1f}",
                "fills at that time, later, recovered": [
                    count for ((count,),) in (wanted, lost, found)
                ],
                "entries verified, no discrepancy": entries,
                "the epoch is greater": new_epoch > epoch,
                "backups recorded": recorded,
            },
            ok=found == wanted < lost and new_epoch > epoch,
        )


if __name__ == "__main__":
    sys.exit(main())
