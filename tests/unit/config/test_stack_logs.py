"""The logs of the parts are read while they grow and are rotated."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from position_manager.stack import logs
from position_manager.stack.log_lines import Entries
from position_manager.stack.log_reader import Log
from tests.helpers.commands import Cli


def test_a_log_gives_each_whole_line_once(tmp_path: Path) -> None:
    path = tmp_path / "ingest.log"
    log = Log("ingest", path)
    assert log.new() == []

    path.write_text("one\ntw")
    assert log.new() == ["one"]
    with path.open("a") as file:
        file.write("o\n")
    assert (log.new(), log.new()) == (["two"], [])

    with path.open("a") as file:
        file.write("x" * logs.MAX_BYTES)
    assert log.new() == []
    logs.rotate(path)
    with path.open("a") as file:
        file.write("three\n")
    assert log.new() == ["three"]


# By part: lines of its log, and the time, level and event of each entry.
FOREIGN = {
    "postgres": (
        [
            "2026-11-27 14:34:48.992 UTC [24040] @  LOG:  shutting down",
            "2026-11-27 14:34:49.001 UTC [7] pms_analyst@pms my psql ERROR:  no such x",
            "2026-11-27 14:34:49.001 UTC [7] pms_analyst@pms my psql STATEMENT:  SELECT",
            "\tx;",
        ],
        [
            ("2026-11-27T14:34:48.992000Z", "info", "shutting down"),
            ("2026-11-27T14:34:49.001000Z", "error", "no such x"),
            ("2026-11-27T14:34:49.001000Z", "info", "STATEMENT:  SELECT\n\tx;"),
        ],
    ),
    "rabbitmq": (
        [
            "2026-11-27 15:34:47.920369+01:00 [info] <0.443.0> Store is stopped",
            "",
            "  more",
        ],
        [("2026-11-27T14:34:47.920369Z", "info", "<0.443.0> Store is stopped\n\n  more")],
    ),
    "nginx": (
        ["2026/11/27 14:34:48 [warn] 17#17: *1 a request body is buffered"],
        [("2026-11-27T14:34:48.000000Z", "warning", "17#17: *1 a request body is buffered")],
    ),
    "postgrest-queries": (
        ["27/Nov/2026:14:31:47 +0000: Schema cache loaded"],
        [("2026-11-27T14:31:47.000000Z", "info", "Schema cache loaded")],
    ),
    "epmd": (
        ["epmd: Fri Nov 27 14:04:08 2026: got partial packet"],
        [("2026-11-27T14:04:08.000000Z", "info", "got partial packet")],
    ),
}


@pytest.mark.parametrize("part", FOREIGN)
def test_lines_of_other_programs_become_json(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    lines, entries = FOREIGN[part]

    found = [json.loads(line) for line in Entries(part).read(lines)]

    assert [(each["timestamp"], each["level"], each["event"]) for each in found] == entries
    assert {each["part"] for each in found} == {part}


def test_lines_of_ours_and_unknown_lines_are_kept() -> None:
    ours = '{"event": "started"}'

    assert Entries("ingest").read([ours, "Traceback"]) == [ours, "Traceback"]
    assert Entries("nginx").read([ours, "unknown"]) == [
        ours, '{"event": "unknown", "level": "info", "part": "nginx"}',
    ]  # fmt: skip


def test_the_rest_of_an_entry_has_its_time_and_trace() -> None:
    first, *rest = FOREIGN["postgres"][0][2:]
    entries = Entries("postgres")

    (begun,) = map(json.loads, entries.read([f'{first} "abc"']))
    assert entries.read([]) == []
    for line in [*rest, "\tAND y;"]:
        (later,) = map(json.loads, entries.read([line], "abc"))
        assert later == begun | {"event": line}
    assert entries.read(["\tAND z;"], "ab") == []
    # Another entry is of its own trace.
    assert entries.read([first, *rest], "abc") == entries.read(rest, "abc") == []


def test_a_trace_is_found_inside_a_line_of_another_program(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    begin = "2026-11-27 14:34:49.001 UTC [7] pms_ingest@pms  ERROR:  "
    lines = [f'{begin}bad {{"trace_id": "{trace}"}}\n' for trace in ("abc", "abcd")]
    (tmp_path / "logs" / "postgres.log").write_text("".join(lines))
    cli = Cli({"POSITION_MANAGER_STACK_DIR": str(tmp_path)})

    (line,) = cli("logs", "postgres", "--trace", "abc").stdout.splitlines()
    entry = json.loads(line.removeprefix("postgres | "))
    assert entry["event"] == 'bad {"trace_id": "abc"}'


def test_the_command_prints_the_lines_of_a_trace(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    lines = [json.dumps({"trace_id": trace}) for trace in ("a", "b", "a")]
    (tmp_path / "logs" / "nginx.log").write_text("\n".join(lines) + "\n")
    (tmp_path / "logs" / "relay.log").write_text(f'{{"trace_ids": ["b"]}}\n{lines[0]}\n')
    cli = Cli({"POSITION_MANAGER_STACK_DIR": str(tmp_path)})

    assert cli("logs", "--trace", "a").stdout.splitlines() == [
        *[f"nginx | {lines[0]}"] * 2,
        f"relay | {lines[0]}",
    ]
    assert cli("logs", "nginx", "-n", "1").stdout == f"nginx | {lines[2]}\n"
    assert cli("logs", "nothing").exit_code == 2


def test_the_command_follows_a_log_without_its_earlier_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "logs" / "ingest.log"
    path.parent.mkdir()
    path.write_text("earlier\n")
    looks = iter(["one\n", "two\n"])

    def grow(_: float) -> None:
        added = next(looks, None)
        if added is None:
            raise KeyboardInterrupt
        with path.open("a") as file:
            file.write(added)

    monkeypatch.setattr("position_manager.cli.stack.time.sleep", grow)
    cli = Cli({"POSITION_MANAGER_STACK_DIR": str(tmp_path)})

    followed = cli("logs", "ingest", "-n", "0", "--follow").stdout
    assert followed.splitlines() == ["ingest | one", "ingest | two"]
