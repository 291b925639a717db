"""``backup``, ``keep-backups`` and ``restore``."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from position_manager.backup import archive, take
from position_manager.backup import restore as restoration
from position_manager.backup.archive import Backup, BackupError
from position_manager.backup.programs import Progress
from position_manager.cli.commands import Commands
from position_manager.cli.output import Document, Screen
from position_manager.cli.query import AsJson, refusals, refuse
from position_manager.cli.times import parse_lifetime
from position_manager.config.deploy import (
    BackupSettings,
    DeploySettings,
    names_server,
    read_settings,
)
from position_manager.config.environment import load
from position_manager.deploy import command
from position_manager.deploy.catalog import BACKUP, OWNER
from position_manager.deploy.database import Database, DeploymentError
from position_manager.stack import deploy, settings
from position_manager.stack.context import StackError
from position_manager.stack.stack import Stack
from position_manager.terminal import echo, echo_lines, print_json

# After a backup that failed.
RETRY = timedelta(minutes=15)
SETTINGS = "SELECT to_jsonb(s) - 'only_row' FROM pms.settings s"
Verify = Annotated[
    bool,
    typer.Option(
        "--verify",
        help="Restore the backup into a database that is dropped afterwards, compare every table,"
        " and verify the ledger.",
    ),
]

app = Commands()


@app.command()
def backup(
    path: Annotated[Path, typer.Argument(help="New folder of the backup.")],
    verify: Verify = False,
    as_json: AsJson = False,
) -> None:
    """Back up the database, with its roles and jobs, while the service runs.

    Backs up the private stack; with PMS_BACKUP_PASSWORD set, the database of POSTGRES_*. The backup
    holds the password digests of all roles: only the owner of its folder can read it.
    """
    with _failures():
        done = _back_up(_source(), path, verify, deletes_unverified=False)
    if as_json:
        print_json(done.document())
    else:
        echo_lines(str(done))


@app.command()
def keep_backups(
    folder: Annotated[Path, typer.Argument(help="Folder of the backups.")],
    keep: Annotated[int, typer.Option(min=1, max=1000, help="How many to keep.")] = 14,
    every: Annotated[
        timedelta | None,
        typer.Option(
            parser=parse_lifetime,
            metavar="SPAN",
            help="Go on: take one whenever the newest is this old, such as 1d.",
        ),
    ] = None,
) -> None:
    """Take a verified backup into a folder of backups, and delete the oldest.

    Run it every night from a timer, or leave it running with **--every**. A backup that fails or
    cannot be verified deletes none.
    """
    with _failures():
        source = _source()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if every is None:
            _keep(source, folder, keep)
            return
        while True:
            try:
                time.sleep(_seconds_until_due(folder, every))
                _keep(source, folder, keep)
            except BackupError as error:
                echo_lines(str(error), err=True, color="red")
                time.sleep(RETRY.total_seconds())


@app.command()
def restore(
    path: Annotated[Path, typer.Argument(help="Folder of the backup.")],
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Replace the content of a database that is not empty."),
    ] = False,
    after_epoch: Annotated[
        int,
        typer.Option(min=0, max=2**62, help="Start the event epoch above this number."),
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Restore a backup, deploy this version and verify the ledger.

    Restores into the private stack and starts it; with PMS_OWNER_PASSWORD set, into the database of
    POSTGRES_*, as the superuser. With **--replace**, the service pauses, and the former content
    stays when the restoration fails.

    Messages that were applied after the backup have to be sent again: those that are in it count
    once. Versions may start lower, which the greater **epoch** of events announces.
    """
    began = time.monotonic()
    with _failures():
        found = Backup.open(path)
        database, start = _target()
        with _progress("restoring") as show:
            restored = restoration.restore(
                database, found, replace_content=replace, after_epoch=after_epoch, progress=show
            )
        with restoration.after_restoring(StackError):
            before = _settings(database)
            start()
            after = _settings(database)
            changed = {name: value for name, value in after.items() if before.get(name) != value}
            with psycopg.connect(database.conninfo(OWNER)) as conn:
                verified = restoration.verify_ledger(conn)
    _show_restored(found, restored, verified, changed, time.monotonic() - began, as_json)
    if verified["discrepancies"]:
        raise typer.Exit(1)


@dataclass(frozen=True)
class Done:
    """A backup that was taken."""

    backup: Backup
    seconds: float
    verified: Document | None

    def document(self) -> Document:
        manifest = self.backup.manifest
        return {
            "path": str(self.backup.folder),
            "taken_at": manifest.taken_at,
            "version": manifest.version,
            "tables": len(manifest.tables),
            "rows": manifest.rows,
            "bytes": self.backup.size,
            "seconds": str(round(self.seconds, 3)),
            "verification": self.verified,
        }

    def __str__(self) -> str:
        manifest = self.backup.manifest
        line = (
            f"{self.backup.folder}: {manifest.rows:,} rows of {len(manifest.tables)} tables,"
            f" {self.backup.size / 1e6:,.1f} MB, in {self.seconds:.1f} s"
        )
        if self.verified is None:
            return line
        return (
            f"{line}\nverified: restored, every table equal;"
            f" {self.verified['positions']} positions, {self.verified['entries']} entries,"
            f" {self.verified['discrepancies'] or 'no'} discrepancies"
        )


def _source() -> Database:
    """The database to back up."""
    password = read_settings(BackupSettings).pms_backup_password
    if password is not None:
        return command.target(load(), {BACKUP: password.get_secret_value()})
    stack = Stack(settings.chosen().as_started())
    if not stack.context.exists():
        refuse(
            "no service found",
            "Start the private stack with  make up,  or set POSTGRES_* and PMS_BACKUP_PASSWORD.",
        )
    return deploy.database(stack.context)


def _back_up(source: Database, folder: Path, verify: bool, *, deletes_unverified: bool) -> Done:
    began = time.monotonic()
    with _progress("backing up") as show:
        taken = take.take(source, folder.absolute(), show)
    found = None
    if verify:
        try:
            with _progress("verifying") as show:
                found = restoration.verify(source, taken, show)
        except BackupError:
            if deletes_unverified:
                shutil.rmtree(taken.folder)
            raise
    take.record(source, taken, is_verified=verify)
    return Done(taken, time.monotonic() - began, found)


def _keep(source: Database, folder: Path, keep: int) -> None:
    name = archive.name_of(datetime.now(UTC))
    # One that cannot be restored must not take the place of one that can.
    done = _back_up(source, folder / name, verify=True, deletes_unverified=True)
    deleted = archive.prune(folder, keep)
    echo_lines(f"{done}\nkept: {len(archive.backups_in(folder))}, deleted: {len(deleted)}")


def _seconds_until_due(folder: Path, every: timedelta) -> float:
    """How long until the newest backup of a folder is that old."""
    newest = max(archive.backups_in(folder), default=None)
    if newest is None:
        return 0
    return max(0.0, (newest + every - datetime.now(UTC)).total_seconds())


def _target() -> tuple[Database, Callable[[], object]]:
    """The database to restore into, and the deployment after that."""
    if names_server():
        config, given = load(), read_settings(DeploySettings)
        return command.server(config, given), lambda: command.run(config, given)
    stack = Stack(settings.chosen().as_started())
    stack.up(["postgres"])
    return deploy.database(stack.context), stack.up


def _settings(database: Database) -> Document:
    with psycopg.connect(database.conninfo(OWNER)) as conn:
        row = conn.execute(SETTINGS).fetchone()
    return {} if row is None else dict(row[0])


def _show_restored(
    found: Backup,
    restored: restoration.Restored,
    verified: Document,
    changed: Document,
    seconds: float,
    as_json: bool,
) -> None:
    manifest = found.manifest
    if as_json:
        print_json(
            {
                "path": str(found.folder),
                "taken_at": manifest.taken_at,
                "rows": manifest.rows,
                "seconds": str(round(seconds, 3)),
                "deployed": str(restored.deployed),
                "roles_created": restored.roles,
                "epoch": restored.epoch,
                "jobs_left_out": restored.jobs_left_out,
                "settings_of_the_environment": changed,
                "verification": verified,
            }
        )
        return
    echo(
        f"restored: {manifest.rows:,} rows of {len(manifest.tables)} tables, every table equal, as"
        f" of {manifest.taken_at}, in {seconds:.1f} s"
    )
    if restored.roles:
        echo(f"roles created: {', '.join(restored.roles)}")
    for job, reason in restored.jobs_left_out.items():
        echo_lines(f"job not scheduled:  {job}\n{reason}", err=True)
    for name, value in changed.items():
        echo(f"setting of the environment, not of the backup: {name} = {value}", err=True)
    echo(
        f"verified: {verified['positions']} positions, {verified['entries']} entries,"
        f" {verified['discrepancies'] or 'no'} discrepancies"
    )
    echo(f"epoch of the events from now on: {restored.epoch}")


@contextmanager
def _progress(doing: str) -> Iterator[Progress]:
    """Show on a terminal which table is being copied."""
    with Screen(stderr=True).status(doing) as status:
        yield lambda table: status.update(f"{doing} {table}")


@contextmanager
def _failures() -> Iterator[None]:
    """Print an error of a backup without a traceback, and exit with 1."""
    try:
        with refusals():
            yield
    except (BackupError, DeploymentError, psycopg.Error) as error:
        echo_lines(str(error).strip(), err=True, color="red")
        raise typer.Exit(1) from None
