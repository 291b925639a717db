"""A backup on disk: a folder with the archive of pg_dump and a manifest.

The folder and its files are readable by their owner only. A backup that is being written has
another name, so a folder with its final name is complete.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

DUMP = "database.dump"
MANIFEST = "manifest.json"
FORMAT = 1
PARTIAL = ".partial"
NAME = "%Y%m%dT%H%M%SZ"
BLOCK = 1 << 20


class BackupError(Exception):
    """A backup or its restoration failed; the text says why, and the remedy."""


@dataclass(frozen=True)
class Content:
    """The number of rows of a table, and a digest of all of them."""

    rows: int
    digest: str


@dataclass(frozen=True)
class Cluster:
    """Statements for a superuser: see :mod:`position_manager.backup.cluster`."""

    passwords: dict[str, str]
    """By role of the service."""
    roles: dict[str, list[str]]
    """By role of others."""
    grants: list[str]
    jobs: list[str]


@dataclass(frozen=True)
class Manifest:
    """What a backup contains, and what it needs."""

    version: str
    """Of the code that made it."""
    taken_at: str
    """Everything committed before this time is in it."""
    server_version: int
    """As in server_version_num."""
    database: str
    changes: dict[str, str]
    """The script hash of each migration, by name."""
    tables: dict[str, Content]
    cluster: Cluster
    """Roles and jobs, which are not in the archive."""
    dump_sha256: str
    format: int = FORMAT

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


@dataclass(frozen=True)
class Backup:
    """A complete backup."""

    folder: Path
    manifest: Manifest

    @classmethod
    def open(cls, folder: Path) -> Backup:
        """The backup in `folder`; raises :class:`BackupError` for anything else."""
        try:
            found = json.loads((folder / MANIFEST).read_text())
        except (FileNotFoundError, NotADirectoryError):
            raise BackupError(
                f"{folder} is not a backup: give a folder that  position-manager backup  wrote"
            ) from None
        except ValueError as error:
            raise BackupError(f"{folder / MANIFEST} is damaged: {error}") from None
        if found.get("format") != FORMAT:
            raise BackupError(
                f"{folder} has the format {found.get('format')}, and this version reads {FORMAT}:"
                f" restore it with version {found.get('version')}"
            )
        tables = {name: Content(**content) for name, content in found.pop("tables").items()}
        kept = Cluster(**found.pop("cluster"))
        return cls(folder, Manifest(**found, tables=tables, cluster=kept))

    @property
    def dump(self) -> Path:
        return self.folder / DUMP

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.stat().st_size for file in self.folder.iterdir())

    def check(self) -> None:
        """Raise :class:`BackupError` unless the archive is the one that was written."""
        if not self.dump.exists() or digest(self.dump) != self.manifest.dump_sha256:
            raise BackupError(
                f"{self.dump} is missing or damaged: its digest is not that of {MANIFEST}."
                " Restore another backup"
            )


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder to write to, which gets the name `folder` at the end, or is deleted."""
    if folder.exists():
        raise BackupError(f"{folder} exists: give the name of a new folder")
    partial = folder.with_name(folder.name + PARTIAL)
    try:
        if partial.exists():
            shutil.rmtree(partial)
        partial.mkdir(mode=0o700)
    except FileNotFoundError:
        raise BackupError(f"{folder.parent} does not exist: create it first") from None
    except PermissionError:
        raise BackupError(f"{folder.parent} cannot be written to: give another folder") from None
    try:
        yield partial
        partial.rename(folder)
        _sync(folder.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, readable by its owner only, to the disk."""
    file = os.open(folder / MANIFEST, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w") as out:
        json.dump(asdict(manifest), out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    _sync(folder)


def _sync(folder: Path) -> None:
    """Write the entries of a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest(file: Path) -> str:
    """The SHA-256 of a file."""
    total = sha256()
    with file.open("rb") as content:
        while block := content.read(BLOCK):
            total.update(block)
    return total.hexdigest()


def name_of(moment: datetime) -> str:
    """The name of a backup in a folder of backups."""
    return moment.astimezone(UTC).strftime(NAME)


def backups_in(folder: Path) -> dict[datetime, Path]:
    """The backups in a folder of backups by their time, the oldest first.

    By their names alone: one that cannot be read must not keep others from being taken or deleted.
    """
    found = {}
    for path in sorted(folder.iterdir()):
        try:
            found[datetime.strptime(path.name, NAME).replace(tzinfo=UTC)] = path
        except ValueError:  # Something else.
            continue
    return found


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` backups of a folder, and what was left half written."""
    old = list(backups_in(folder).values())[:-keep]
    old += [path for path in folder.iterdir() if path.name.endswith(PARTIAL)]
    for path in old:
        shutil.rmtree(path)
    return old
