"""pg_dump, pg_restore and psql: started with the password in their environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from position_manager.backup.archive import BackupError

Progress = Callable[[str], None]
"""Called with the name of each table whose rows are being copied."""

# Lines of --verbose, by program.
TABLE = {
    "pg_dump": "dumping contents of table ",
    "pg_restore": "processing data for table ",
}
NOISE = ("reading ", "finding ", "flagging ", "saving ", "identifying ", "creating ", "executing ")
SHOWN = 20
GRACE = 3.0


def path_of(program: str, environment: Mapping[str, str]) -> str:
    """The path of a program; raises :class:`BackupError` when it is missing."""
    found = shutil.which(program, path=environment.get("PATH"))
    if found is None:
        raise BackupError(f"{program} is not on PATH: install the client programs of PostgreSQL")
    return found


def require(program: str, environment: Mapping[str, str], server_version: int) -> None:
    """Raise :class:`BackupError` for a program that is older than the server of the data."""
    written = subprocess.run(
        [path_of(program, environment), "--version"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    ).stdout
    found = re.search(r"\d+", written)
    major = server_version // 10000
    if found is None or int(found[0]) < major:
        raise BackupError(
            f"{program} on PATH is too old for data of PostgreSQL {major}: its version is"
            f" {written.strip() or 'unknown'}. Install the client programs of PostgreSQL {major}"
            f" (Debian: postgresql-client-{major}), and put their folder first on PATH; in"
            " containers, set DEBIAN_IMAGE in .env and build again"
        )


def run(
    arguments: Sequence[str | Path],
    environment: Mapping[str, str],
    progress: Progress,
) -> None:
    """Run a program with ``--verbose``; raises :class:`BackupError` when it fails."""
    with process(arguments, environment, subprocess.DEVNULL) as started:
        errors = follow(started, str(arguments[0]), progress)
    check(started, str(arguments[0]), errors)


@contextmanager
def process(
    arguments: Sequence[str | Path],
    environment: Mapping[str, str],
    output: IO[bytes] | int,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program whose stderr is to be read; it is killed when the block fails."""
    with subprocess.Popen(
        [path_of(str(arguments[0]), environment), *arguments[1:]],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        umask=0o077,
    ) as started:
        try:
            yield started
        except BaseException:
            started.kill()
            raise


def follow(started: subprocess.Popen[bytes], program: str, progress: Progress) -> list[str]:
    """Read ``--verbose`` to its end; return the lines that are about neither progress nor steps."""
    assert started.stderr is not None
    others = []
    for raw in started.stderr:
        line = raw.decode(errors="replace").strip().removeprefix(f"{program}: ")
        if line.startswith(TABLE[program]):
            progress(line.removeprefix(TABLE[program]).strip('"'))
        elif not line.startswith(NOISE):
            others.append(line)
    return others


def check(started: subprocess.Popen[bytes], program: str, errors: Sequence[str]) -> None:
    """Raise :class:`BackupError` when a program has failed."""
    if started.wait() != 0:
        raise BackupError(f"{program} failed:\n" + "\n".join(errors[-SHOWN:]))


def table_of_contents(dump: Path, environment: Mapping[str, str]) -> list[str]:
    """The entries of an archive, as pg_restore lists and reads them."""
    done = subprocess.run(
        [path_of("pg_restore", environment), "--list", dump],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise BackupError(f"pg_restore cannot read {dump}:\n{done.stderr.strip()}")
    return [line for line in done.stdout.splitlines() if line and not line.startswith(";")]


def replay(
    dump: Path,
    entries: Sequence[str],
    options: Sequence[str],
    environment: Mapping[str, str],
    before: str,
    after: str,
    progress: Progress,
) -> None:
    """Run `before`, entries of an archive and `after` as one transaction of psql.

    Raises :class:`BackupError`, with the database as it was.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for name, text in (("list", "\n".join(entries)), ("before", before), ("after", after)):
            files[name] = Path(folder, name)
            files[name].write_text(text)
        restore = ["pg_restore", "--verbose", "--file=-", f"--use-list={files['list']}"]
        psql = [
            path_of("psql", environment),
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            f"--output={os.devnull}",
            *(f"--file={name}" for name in (files["before"], "-", files["after"])),
        ]
        script, statements = os.pipe()
        # While this process holds the pipe, psql waits for the rest of the script: it must not
        # commit one that pg_restore has not written to its end.
        with (
            open(statements, "wb") as held,
            open(script, "rb") as reader,
            subprocess.Popen(
                psql, env=environment, stdin=reader, stderr=subprocess.PIPE, text=True
            ) as target,
            process([*restore, *options, dump], environment, held) as source,
        ):
            reader.close()
            try:
                errors = follow(source, "pg_restore", progress)
                # Where psql has ended, pg_restore could not write, and psql has the reason.
                if source.wait() != 0 and not _ends(target):
                    check(source, "pg_restore", errors)
            except BaseException:
                target.kill()
                raise
            held.close()
            _, written = target.communicate()
        if target.returncode != 0:
            raise BackupError(
                f"the restoration failed, and the former content stays:\n{_errors(written)}"
            )


def _ends(program: subprocess.Popen[str]) -> bool:
    try:
        program.wait(GRACE)
    except subprocess.TimeoutExpired:
        return False
    return True


def _errors(written: str) -> str:
    lines = [line for line in written.splitlines() if "NOTICE:" not in line]
    return "\n".join(lines[:SHOWN])
