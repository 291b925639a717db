"""The changelog repeats no entry, whole or in part."""

from __future__ import annotations

import re
from collections import Counter

from tests.helpers.tree import ROOT

# As many words as no two entries share by chance.
RUN = 7
ENTRY = re.compile(r"^- (.*?)(?=^- |^#|\Z)", re.MULTILINE | re.DOTALL)


def entries() -> list[str]:
    text = (ROOT / "CHANGELOG.md").read_text()
    return [" ".join(found.split()) for found in ENTRY.findall(text)]


def test_no_two_entries_start_alike() -> None:
    openings = Counter(" ".join(entry.split()[:3]).lower() for entry in entries())

    assert len(openings) > 1
    assert {opening: count for opening, count in openings.items() if count > 1} == {}


def test_no_text_is_repeated_across_entries() -> None:
    runs = Counter(
        " ".join(words[start : start + RUN])
        for entry in entries()
        if (words := entry.lower().split())
        for start in range(len(words) - RUN + 1)
    )

    assert {run: count for run, count in runs.items() if count > 1} == {}


def test_every_entry_consists_of_whole_sentences() -> None:
    torn = re.compile(r"[a-z)]\. (?:[a-z]|`[a-z]+`,)|[^.)]$")

    assert [entry for entry in entries() if torn.search(entry)] == []
