"""Figures of the tree that must stay within bounds: ``python -m tests.helpers.house [--issue]``.

`--issue` prints the figures of issue 10 as well, which are no bounds of the suite.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tests.helpers.code_graph import CodeGraph
from tests.helpers.prose import find, load_phrases, text_files
from tests.helpers.tree import ROOT

OPENAPI = Path("specs/001-position-management/contracts/openapi.yaml")
HOT_PATH = ("routine", "pms.apply_order_events")
BODY = re.compile(r"\bAS (\$\w*\$)\n?(.*?)\n?\1", re.DOTALL)
# a.account = b.account AND a.asset = b.asset …
SAME_COLUMN = r"\(?[\w.()]+\.(account|asset|mode|leg)\s*=\s*[\w.()]+\.\1\b"
CONJUNCTION = re.compile(rf"{SAME_COLUMN}(?:\s+AND\s+[\w.()]+\.\w+\s*=\s*[\w.()]+\.\w+)+")
LEG_KEY = {"account", "asset", "mode", "leg"}
GENERATED = "# Generated"


@dataclass(frozen=True)
class Figure:
    """A number of the tree, its bound, and the places it counts."""

    name: str
    value: int
    bound: int
    places: Sequence[str] = ()

    @property
    def is_within(self) -> bool:
        return self.value <= self.bound

    def __str__(self) -> str:
        line = f"{self.value:5d}  <= {self.bound:<4d} {self.name}"
        return line if self.is_within else f"{line}  OVER: {'; '.join(self.places)}"


class House:
    """The figures of the tree."""

    def __init__(self, tree: Path = ROOT) -> None:
        self._tree = tree
        self.graph = CodeGraph(tree)

    def bounds(self) -> list[Figure]:
        """The figures whose bounds the suite holds."""
        largest, files = self._largest_folder()
        request = self._longest_request()
        hot = self.graph.longest_chain(HOT_PATH)
        widest, places = self._parameter_places()
        prose = [str(finding) for finding in self._banned_phrases()]
        over_100, over_150 = self._bodies_over(100), self._bodies_over(150)
        return [
            Figure("files in the largest folder under db/", files, 25, [largest]),
            self._count("private functions with one caller in a file of their own", 15,
                        self.graph.alone_with_one_caller()),
            self._count("references against the order of the domains", 0, self.graph.upward()),
            self._count("private functions that nothing calls", 0, self.graph.uncalled()),
            Figure("longest chain of a request", len(request), 9, [" > ".join(request)]),
            Figure("longest chain of the hot path", len(hot), 7, [" > ".join(hot)]),
            self._count("SQL bodies over 150 lines", 2, over_150),
            self._count("SQL bodies over 100 lines", 10, over_100),
            self._count("joins that spell the four-part key", 15, self._spelled_keys()),
            Figure("places a query parameter is written", len(places), 3, [widest, *places]),
            self._count("banned phrases", 0, prose),
        ]  # fmt: skip

    def issue(self) -> list[Figure]:
        """Figures of issue 10 only."""
        plan = (self._tree / "sqitch.plan").read_text().splitlines()
        changes = [line for line in plan if line and line[0] not in "%@"]
        files = [path for path in (self._tree / "db").rglob("*") if path.is_file()]
        gateway = sum(len(lines) for _, lines in self._gateway_by_hand())
        return [
            Figure("sqitch changes", len(changes), 60),
            Figure("files under db/", len(files), 330),
            Figure("lines of the gateway by hand", gateway, 350),
        ]

    @staticmethod
    def _count(name: str, bound: int, places: Sequence[str]) -> Figure:
        return Figure(name, len(places), bound, places)

    def _largest_folder(self) -> tuple[str, int]:
        files = Counter(path.parent for path in (self._tree / "db").rglob("*") if path.is_file())
        folder, number = files.most_common(1)[0]
        return str(folder.relative_to(self._tree)), number

    def _longest_request(self) -> list[str]:
        """The longest chain below a function or view of ``api``; jobs run by name are none."""
        chains = (
            self.graph.longest_chain(key)
            for key, one in self.graph.code.items()
            if one.name.startswith("api.")
        )
        return max(chains, key=len)

    def _bodies_over(self, most: int) -> list[str]:
        found = []
        for one in self.graph.code.values():
            body = BODY.search(one.definition)
            lines = (body[2] if body else one.definition).count("\n") + 1
            if one.kind in ("routine", "view") and lines > most:
                found.append(f"{one.name} {lines}")
        return found

    def _spelled_keys(self) -> list[str]:
        """Conditions that compare account, asset, mode and leg one by one."""
        return [
            one.name
            for one in self.graph.code.values()
            for chain in CONJUNCTION.finditer(one.definition)
            if set(re.findall(r"\.(\w+)\s*=", chain[0])) >= LEG_KEY
        ]

    def _parameter_places(self) -> tuple[str, list[str]]:
        """The query parameter of a path that is written in the most places by hand, and these.

        In the OpenAPI document; in the function's signature and argument list; in lines of the
        gateway that name it. `parse_arguments` is not among them: it has one rule a name,
        whatever the number of paths.
        """
        document = yaml.safe_load((self._tree / OPENAPI).read_text())
        found = {
            f"{parameter} of {path}": [
                OPENAPI.name,
                *self._sql_places(path, method, parameter),
                *self._gateway_places(parameter),
            ]
            for path, method, parameter in _query_parameters(document)
        }
        widest = max(found, key=lambda name: len(found[name]))
        return widest, found[widest]

    def _sql_places(self, path: str, method: str, parameter: str) -> Iterator[str]:
        """A function's signature and the list of arguments it hands on."""
        target = self._functions.get((path, method))
        if target is None:
            return
        head, _, body = target.definition.partition("AS $$")
        if re.search(rf"\b(page_)?{parameter}(_time)?\b", head):
            yield f"signature of {target.name}"
        if f"'{parameter}'," in body:
            yield f"arguments of {target.name}"

    @cached_property
    def _functions(self) -> dict[tuple[str, str], Any]:
        """The function behind each operation, as the document names it."""
        document = yaml.safe_load((self._tree / OPENAPI).read_text())
        return {
            (path, method): one
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
            if isinstance(operation, dict)
            for one in self.graph.code.values()
            if one.name == f"api.{_snake(operation.get('operationId', ''))}"
        }

    def _gateway_places(self, parameter: str) -> list[str]:
        return [
            f"{name}:{number}"
            for name, lines in self._gateway_by_hand()
            for number, line in enumerate(lines, 1)
            if re.search(rf"\b{parameter}=\$|[(|]{parameter}[|)]|\$arg_{parameter}\b", line)
        ]

    def _gateway_by_hand(self) -> list[tuple[str, list[str]]]:
        """The files of the gateway's configuration that no program writes."""
        files = sorted((self._tree / "gateway").glob("*.*"))
        texts = ((path.name, path.read_text()) for path in files)
        return [(name, text.splitlines()) for name, text in texts
                if not text.startswith(GENERATED)]  # fmt: skip

    @staticmethod
    def _banned_phrases() -> Iterator[object]:
        phrases = load_phrases()
        for path in text_files():
            yield from find(path, path.read_text(), phrases)


def _query_parameters(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Path, method and name of each."""
    shared = document["components"]["parameters"]
    for path, operations in document["paths"].items():
        common = operations.get("parameters", [])
        for method, operation in operations.items():
            if isinstance(operation, dict):
                for given in [*common, *operation.get("parameters", [])]:
                    one = shared[given["$ref"].split("/")[-1]] if "$ref" in given else given
                    if one["in"] == "query":
                        yield path, method, one["name"]


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def main(arguments: Sequence[str]) -> int:
    house = House()
    figures = house.bounds()
    for figure in [*figures, *(house.issue() if "--issue" in arguments else [])]:
        print(figure)
    return 0 if all(figure.is_within for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
