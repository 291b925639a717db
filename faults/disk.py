"""A disk of the stack's own, which a fault can fill.

It is an image that is mounted for this process and its children only, so that nothing is left when
they are killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faults.site import Fault, Site

NAME = "fill the disk"
BYTES = 6 * 1024**3
BLOCK = 4096
# Set for a process whose mounts are its own.
MOUNTS_VARIABLE = "FAULTS_OWN_MOUNTS"
# The users of the parts reach it.
PLACE = "/var/lib"


def take_own_mounts() -> None:
    """Start this program again with mounts of its own, unless it has them; needs root."""
    if MOUNTS_VARIABLE not in os.environ:
        os.environ[MOUNTS_VARIABLE] = "1"
        program = [sys.executable, "-m", "faults", *sys.argv[1:]]
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", *program])


@contextmanager
def own_disk(folder: Path) -> Iterator[None]:
    """Have data and logs of the stack in `folder`, before its first start, on a small disk."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="faults-", dir=PLACE) as name:
        place = Path(name)
        place.chmod(0o755)
        with tempfile.NamedTemporaryFile(dir=folder) as image:
            image.truncate(BYTES)
            subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", image.name], check=True)
            subprocess.run(["mount", "-o", "loop", image.name, place], check=True)
        for each in ("data", "logs"):
            (place / each).mkdir()
            (folder / each).symlink_to(place / each)
        try:
            yield
        finally:
            subprocess.run(["umount", "--lazy", place], check=True)


def fill(site: Site) -> None:
    path = site.stack.context.data / "filler"
    try:
        with path.open("wb") as file:
            _take_all(file.fileno())
            site.hold()
    finally:
        path.unlink()


def _take_all(file: int) -> None:
    """Let a file take all free blocks, although others take and free some meanwhile."""
    size, step = 0, BYTES
    while step >= BLOCK:
        try:
            os.posix_fallocate(file, size, step)
        except OSError:
            step //= 2
        else:
            size += step


FAULTS: dict[str, Fault] = {NAME: fill}
