"""Where archives lie: a folder, or what pyarrow can write to, such as ``s3://bucket/prefix``."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pyarrow import fs

CHUNK = 1 << 20
ENTRIES, MANIFEST = "entries.parquet", "manifest.json"


class ArchiveError(Exception):
    """An archive that cannot be written, read or trusted."""


@dataclass(frozen=True)
class Store:
    """The folder of one archive."""

    location: str
    system: fs.FileSystem
    folder: str

    @classmethod
    def at(cls, location: str) -> Self:
        """The store at a path or URI; raises ArchiveError."""
        try:
            import pyarrow
            from pyarrow import fs
        except ImportError:
            raise ArchiveError("archives need pyarrow: install position-manager[parquet]") from None
        if not location:
            raise ArchiveError("the folder of archives has no name")
        if "://" not in location:
            location = str(Path(location).resolve())
        elif "@" in urlsplit(location).netloc:
            raise ArchiveError("give keys of a store in the environment, not in its address")
        try:
            system, folder = fs.FileSystem.from_uri(location)
        except (OSError, pyarrow.ArrowException) as error:
            raise ArchiveError(f"{location}: {error}") from error
        return cls(location, system, folder)

    def within(self, name: str) -> Store:
        """The store in a folder of this one."""
        address, question, query = self.location.partition("?")
        return Store(f"{address}/{name}{question}{query}", self.system, f"{self.folder}/{name}")

    def put(self, source: Path, name: str) -> None:
        """Copy a local file here."""
        with source.open("rb") as read:
            self._write(iter(lambda: read.read(CHUNK), b""), name)

    def put_text(self, text: str, name: str) -> None:
        """Write a file with a text."""
        self._write(iter([text.encode()]), name)

    def _write(self, blocks: Iterator[bytes], name: str) -> None:
        """Write a file durably; it appears under its name only when it is complete."""
        from pyarrow import fs

        # A store shows a file when its stream is closed.
        is_local = isinstance(self.system, fs.LocalFileSystem)
        place = self._path(f"{name}.part" if is_local else name)
        with _errors(self.location):
            self.system.create_dir(self.folder, recursive=True)
            with self.system.open_output_stream(place) as write:
                for block in blocks:
                    write.write(block)
            if is_local:
                # Fills are for their owner only, as backups are.
                Path(self.folder).chmod(0o700)
                Path(place).chmod(0o600)
                _sync(Path(place))
                Path(place).replace(self._path(name))
                _sync(Path(self.folder))
                _sync(Path(self.folder).parent)

    def require_writable(self) -> None:
        """Write a file and delete it; raises ArchiveError."""
        probe = self.within(".writable")
        probe.put_text("", "probe")
        with _errors(self.location):
            self.system.delete_dir(probe.folder)

    def sha256(self, name: str) -> str:
        """The digest of a file, read back."""
        digest = hashlib.sha256()
        with _errors(self.location), self.system.open_input_stream(self._path(name)) as read:
            while block := read.read(CHUNK):
                digest.update(block)
        return digest.hexdigest()

    def size(self, name: str) -> int:
        """The size of a file in bytes."""
        with _errors(self.location):
            return int(self.system.get_file_info(self._path(name)).size)

    def file(self, name: str) -> dict[str, Any]:
        """A file as a manifest has it."""
        return {"name": name, "bytes": self.size(name), "sha256": self.sha256(name)}

    def manifest(self) -> dict[str, Any]:
        """The manifest; raises ArchiveError when there is none."""
        with _errors(self.location), self.system.open_input_stream(self._path(MANIFEST)) as read:
            manifest: dict[str, Any] = json.loads(read.read().decode())
        return manifest

    def manifest_if_any(self) -> dict[str, Any] | None:
        """The manifest; None when there is none."""
        with _errors(self.location):
            is_there = self.system.get_file_info(self._path(MANIFEST)).is_file
        return self.manifest() if is_there else None

    @contextmanager
    def open(self, name: str) -> Iterator[Any]:
        """A file to read at any place."""
        with _errors(self.location), self.system.open_input_file(self._path(name)) as read:
            yield read

    def _path(self, name: str) -> str:
        return f"{self.folder}/{name}"


def text_of(manifest: Mapping[str, Any]) -> str:
    """A manifest as it is written."""
    return json.dumps(manifest, indent=1) + "\n"


def _sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _errors(location: str) -> Iterator[None]:
    import pyarrow

    try:
        yield
    except (OSError, ValueError, pyarrow.ArrowException) as error:
        raise ArchiveError(f"{location}: {error}") from error
