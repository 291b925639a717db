"""Find phrases of ``specs/banned-phrases.txt`` in the text files of the repository.

``python -m tests.helpers.prose [FILE ...]`` prints each as ``file:line: phrase: better wording``
and exits with 1 if there is any.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.tree import ROOT, tracked_files

PHRASES = ROOT / "specs" / "banned-phrases.txt"
SUFFIXES = (
    ".conf", ".example", ".html", ".js", ".json", ".md", ".out", ".py", ".sql", ".template",
    ".toml", ".txt", ".yaml", ".yml", "",
)  # fmt: skip
# The list itself, a legal text, names of the upstream services' fields, generated text.
EXCLUDED = {"banned-phrases.txt", "LICENSE", "vectors.json", "sqitch.plan", "schema.sql"}
# A line break inside a phrase, with the comment marks of the next line.
GAP = r"(?:[ \t]+|[ \t]*\n[ \t]*(?:(?:--|#|//|>)[ \t]*)?)"


@dataclass(frozen=True, slots=True)
class Finding:
    """A phrase that should be written in another way."""

    path: Path
    line: int
    phrase: str
    better: str

    def __str__(self) -> str:
        return f"{os.path.relpath(self.path, ROOT)}:{self.line}: {self.phrase}: {self.better}"


def load_phrases() -> dict[str, str]:
    """Each phrase with its better wording."""
    lines = PHRASES.read_text().splitlines()
    pairs = (line.partition("|") for line in lines if line and not line.startswith("#"))
    return {phrase.strip(): better.strip() for phrase, _, better in pairs}


def pattern(phrases: Sequence[str]) -> re.Pattern[str]:
    """One expression for all phrases; the longest one wins."""
    words = (
        (GAP.join(map(re.escape, phrase.split())), phrase.islower())
        for phrase in sorted(phrases, key=len, reverse=True)
    )
    choices = (f"(?i:{text})" if in_any_case else text for text, in_any_case in words)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(choices)})(?![\w-])")


def find(path: Path, text: str, phrases: dict[str, str]) -> Iterator[Finding]:
    """Every phrase in a text, in order."""
    for found in pattern(list(phrases)).finditer(text):
        words = re.sub(GAP, " ", found[0])
        phrase = words if words in phrases else words.lower()
        yield Finding(path, text.count("\n", 0, found.start()) + 1, phrase, phrases[phrase])


def text_files() -> list[Path]:
    """The files whose prose is checked."""
    return [path for path in tracked_files(*SUFFIXES) if path.name not in EXCLUDED]


def main(arguments: Sequence[str]) -> int:
    paths = [Path(name).resolve() for name in arguments] or text_files()
    phrases = load_phrases()
    findings = [finding for path in paths for finding in find(path, path.read_text(), phrases)]
    for finding in findings:
        print(finding)
    print(f"{len(findings)} banned phrases")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
