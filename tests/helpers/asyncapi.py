"""``contracts/asyncapi.yaml``, and its page: ``python -m tests.helpers.asyncapi``."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from tests.helpers.documents import SPECS

SOURCE = SPECS / "contracts" / "asyncapi.yaml"
PAGE = SPECS / "contracts" / "messages.md"
REFERENCE = "#/components/"
WIDTH = 100


@cache
def document() -> dict[str, Any]:
    """The whole document."""
    found: dict[str, Any] = yaml.safe_load(SOURCE.read_text())
    return found


def target(node: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The name and the content that a node refers to."""
    kind, name = node["$ref"].removeprefix(REFERENCE).split("/")
    return name, document()["components"][kind][name]


def messages(channel: str) -> dict[str, dict[str, Any]]:
    """The messages of a channel by name."""
    return dict(target(it) for it in document()["channels"][channel]["messages"].values())


def place(channel: dict[str, Any]) -> str:
    """The queue or the exchange of a channel."""
    amqp = channel["bindings"]["amqp"]
    return str(amqp.get("queue", amqp.get("exchange"))["name"])


def validator(message: dict[str, Any]) -> Draft202012Validator:
    """The check of the payload of a message."""
    return Draft202012Validator(
        message["payload"] | {"components": document()["components"]},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The names of a schema with what describes each, and those of objects in it."""
    if "$ref" in schema:
        yield from properties(target(schema)[1])
    for name, described in schema.get("properties", {}).items():
        yield name, described
        yield from properties(described)


def page() -> str:
    """The document as Markdown."""
    found = document()
    lines = [
        "# Messages",
        "",
        "Generated from [asyncapi.yaml](asyncapi.yaml) by `python -m tests.helpers.asyncapi`.",
        "",
        found["info"]["description"].strip(),
    ]
    for name, channel in found["channels"].items():
        lines += ["", f"## {place(channel)}", "", *_wrapped(channel["description"])]
        for message in messages(name).values():
            lines += ["", f"### {message['title']}", "", *_wrapped(message["summary"]), ""]
            lines += _fields(target(message["payload"])[1])
            for example in message.get("examples", []):
                text = json.dumps(example["payload"], indent=2, ensure_ascii=False)
                lines += ["", "```json", text, "```"]
    return "\n".join(lines) + "\n"


def _fields(schema: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, described in schema.get("properties", {}).items():
        inner = target(described)[1] if "$ref" in described else described
        # Of our own messages, every field is always there.
        required = set(schema.get("required", []))
        is_required = name in required and required != set(schema["properties"])
        facts = f"- `{prefix}{name}`: {_kind(inner)}{', required' if is_required else ''}."
        note = described.get("description") or inner.get("description", "")
        yield from _wrapped(f"{facts} {note}", "  ")
        if inner.get("type") == "object":
            yield from _fields(inner, f"{prefix}{name}.")


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _kind(schema: dict[str, Any]) -> str:
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    kinds = schema.get("type", "any")
    text = " or ".join([kinds] if isinstance(kinds, str) else kinds)
    return "time" if schema.get("format") == "date-time" else text


if __name__ == "__main__":
    PAGE.write_text(page())
