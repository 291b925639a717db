"""Print lines and JSON so that no text of others commands the terminal.

Ids, reasons and messages are written by others. Their control characters would set the title of a
terminal, move its cursor or write its clipboard, so they are shown as escapes, also in a pipe.
"""

from __future__ import annotations

import json
import re

import typer

# Those of ASCII and ISO 8859, the separators of lines, and those that reorder bidirectional text.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def escape(character: str) -> str:
    """A control character as ``\\x1b`` or ``\\u202e``."""
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def printable(text: str) -> str:
    """A text on one line, with its control characters as escapes."""
    return CONTROL.sub(lambda found: escape(found[0]), text)


def echo(line: str = "", *, err: bool = False, color: str | None = None) -> None:
    """Print one line; the ends of lines in it are shown as escapes, too."""
    typer.secho(printable(line), err=err, fg=color)


def echo_lines(text: str, *, err: bool = False, color: str | None = None) -> None:
    """Print a text that may have several lines."""
    for line in text.split("\n"):
        echo(line, err=err, color=color)


def print_json(document: object, *, err: bool = False) -> None:
    """Print a document on one line; the escapes are those of JSON, so no character is lost."""
    text = json.dumps(document, ensure_ascii=False)
    typer.echo(CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text), err=err)
