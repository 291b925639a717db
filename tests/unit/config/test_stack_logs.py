"""The logs of the parts are read while they grow and are rotated."""

from __future__ import annotations

import json
from pathlib import Path

from position_manager.stack import logs
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
