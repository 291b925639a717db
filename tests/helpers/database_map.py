"""The generated part of ``db/README.md``: domains, the functions others use, arrows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.helpers.code_graph import DOMAINS, CodeGraph, Key
from tests.helpers.tree import ROOT

PATH = ROOT / "db" / "README.md"
BEGIN = "<!-- Generated from here on: make golden -->\n"
SUMMARY = re.compile(r"\sIS\s+(?:\$\w*\$|')(.+?)(?:\n|\$\w*\$|'$)", re.DOTALL)


def present(graph: CodeGraph) -> str:
    """The file as the tree wants it: the part by hand as it is, and the map."""
    by_hand, _, _ = PATH.read_text().partition(BEGIN)
    return f"{by_hand}{BEGIN}\n" + "\n\n".join(_sections(graph)) + "\n"


def _sections(graph: CodeGraph) -> Iterator[str]:
    yield _arrows(graph)
    for domain, purpose in DOMAINS.items():
        parts = (_table(graph, domain), _private(graph, domain))
        yield "\n\n".join([f"### {domain}", purpose, *filter(None, parts)])


def _arrows(graph: CodeGraph) -> str:
    lines = ["## Domains", "", "| domain | purpose | uses |", "|---|---|---|"]
    for domain, purpose in DOMAINS.items():
        used = {
            graph.code[used].domain
            for user, others in graph.uses.items()
            if graph.code[user].domain == domain
            for used in others
        } - {domain}
        names = ", ".join(sorted(used, key=list(DOMAINS).index)) or "none"
        lines.append(f"| [{domain}](#{domain}) | {purpose} | {names} |")
    return "\n".join(lines)


def _table(graph: CodeGraph, domain: str) -> str:
    """The public functions and views, and who calls them."""
    rows = [
        f"| [`{one.name}`]({one.path}) | {_summary(one.notes)} | {_callers(graph, key)} |"
        for key, one in sorted(graph.code.items(), key=lambda item: item[1].name)
        if one.kind in ("routine", "view") and one.domain == domain and not graph.is_private(key)
    ]
    head = ["| used by others | purpose | users |", "|---|---|---|"]
    return "\n".join([*head, *rows]) if rows else ""


def _private(graph: CodeGraph, domain: str) -> str:
    """The files that hold nothing public, for a reader who looks for their subject."""
    public = {one.path for key, one in graph.code.items() if not graph.is_private(key)}
    paths = {
        one.path
        for one in graph.code.values()
        if one.domain == domain and one.kind != "type" and one.path not in public
    }
    links = ", ".join(f"[{path.stem}]({path})" for path in sorted(paths))
    return f"Private: {links}." if links else ""


def _callers(graph: CodeGraph, key: Key) -> str:
    one = graph.code[key]
    domains = {graph.code[user].domain for user in graph.users[key]} - {one.domain}
    inside = sorted(domains, key=list(DOMAINS).index)
    outside = graph.called_outside.get(one.name, [])
    return ", ".join([*inside, *outside]) or "clients"


def _summary(notes: list[str]) -> str:
    """The first line of the comment on an object."""
    for note in notes:
        if note.startswith("COMMENT") and (found := SUMMARY.search(note)):
            return found[1].replace("''", "'").replace("|", "\\|").rstrip(".")
    return ""
