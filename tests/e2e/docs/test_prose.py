"""The list of banned phrases, and the search for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.prose import find, load_phrases, main, text_files
from tests.helpers.tree import ROOT

SOURCE = Path("query.sql")
PHRASES = {"green apple": "pear", "green": "blue", "Which is": "the thing"}


def phrases_in(text: str) -> list[tuple[int, str]]:
    return [(finding.line, finding.phrase) for finding in find(SOURCE, text, PHRASES)]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("a Green apple", [(1, "green apple")]),
        ("one\n-- a green\n    -- apple", [(2, "green apple")]),
        ("# green\n# and Green", [(1, "green"), (2, "green")]),
        ("evergreen, greenish, green-house, green_house", []),
        ("Which is right", [(1, "Which is")]),
        ("that which is right", []),
    ],
)
def test_a_phrase_is_found_as_whole_words(text: str, findings: list[tuple[int, str]]) -> None:
    assert phrases_in(text) == findings


def test_every_phrase_has_a_better_wording_without_banned_phrases() -> None:
    phrases = load_phrases()

    assert len(phrases) > 30
    assert [phrase for phrase, better in phrases.items() if not better] == []
    betters = "\n".join(phrases.values())
    assert [finding.phrase for finding in find(SOURCE, betters, phrases)] == []


def test_a_banned_phrase_fails_the_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    phrase = next(iter(load_phrases()))
    (tmp_path / "bad.md").write_text(f"one\n{phrase}\n")
    (tmp_path / "good.md").write_text("one\n")

    assert main([str(tmp_path / "good.md")]) == 0
    assert main([str(tmp_path / "bad.md")]) == 1
    assert f"bad.md:2: {phrase}: " in capsys.readouterr().out


def test_every_kind_of_text_file_is_checked() -> None:
    names = {str(path.relative_to(ROOT)) for path in text_files()}

    assert {"README.md", "env.example", "Makefile", "tests/conftest.py"} <= names
    assert any(name.endswith(".sql") for name in names)
    assert not any(name.startswith(".venv/") for name in names)
