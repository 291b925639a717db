"""Settings that ``env.example`` marks as without effect are never read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.helpers.tree import ROOT, tracked_files

NO_EFFECT = re.compile(r"no effect|nothing .*acts on")
VARIABLE = re.compile(r"^#? ?POSITION_MANAGER_([A-Z_]+)=")
# It copies the settings into the database, for others to read.
COPY = "load_settings.sql"


def described_settings() -> Iterator[tuple[str, str]]:
    """Each setting, and the comment above it and its neighbors."""
    comment: list[str] = []
    variables_seen = False
    for line in (ROOT / "env.example").read_text().splitlines():
        variable = VARIABLE.match(line)
        if variable is not None:
            yield variable[1].lower(), " ".join(comment).lower()
        elif variables_seen:
            comment = []
        comment += [] if variable is not None else [line.strip("# ")]
        variables_seen = variable is not None


def readers(name: str) -> list[str]:
    """The files that read a setting: an attribute in Python, a column in SQL."""
    # An interval in the database has no unit in its name.
    column = name.removesuffix("_days")
    read = re.compile(rf"\w\.(?:{name}|{column})\b")
    return [
        str(path.relative_to(ROOT))
        for path in tracked_files(".py", ".sql")
        if path.name != COPY and "tests" not in path.parts and read.search(path.read_text())
    ]


def test_settings_without_effect_are_never_read() -> None:
    idle = [name for name, comment in described_settings() if NO_EFFECT.search(comment)]

    assert idle
    assert {name: found for name in idle if (found := readers(name))} == {}


def test_readers_of_a_setting_are_found() -> None:
    names = [name for name, _ in described_settings()]

    assert {"snapshot_retention_days", "use_ws_avg_price", "batch_size"} <= set(names)
    for name in ("snapshot_retention_days", "use_ws_avg_price", "batch_size"):
        assert readers(name)
