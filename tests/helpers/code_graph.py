"""The service's code as a graph: which function uses which, who calls it from outside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from position_manager.deploy.source import CodeObject, read_tree, references

# By domain, its purpose. A domain uses only those above it, siblings excepted.
DOMAINS = {
    "base": "Decimals, times, rounding, valuation: what every other domain computes with.",
    "outbox": "Events, written in the transaction of the change, numbered, kept and sent.",
    "access": "API keys, their accounts, the check before each request, rate limits.",
    "instruments": "Aliases: the one asset that every name of an instrument stands for.",
    "http": "Arguments, errors, repeated requests, the audit log of a REST request.",
    "prices": "Mark prices and their bars, from messages or the price service.",
    "positions": "Positions as the API returns them: legs, combined and valued.",
    "ledger": "Entries of each leg, the fold over them, fills and their amendments.",
    "history": "Positions at a former moment, explained entry by entry; round trips.",
    "transfers": "Positions that move from one account to another.",
    "imports": "Openings and fills from a file.",
    "cash": "Deposits, withdrawals, interest and transfers of cash; balances by currency.",
    "reconciliation": "Comparison with the venue, the ledger and the rules; discrepancies.",
    "intake": "The batches of the worker: order events, prices, reports of the venue.",
    "risk": "Totals of accounts, limits, breaches, the check before a trade.",
    "reporting": "Totals in another currency, at the rates of their time.",
    "snapshots": "Positions kept as they were at regular moments.",
    "jobs": "Scheduled work, step by step, and the partitions by time.",
    "archive": "The ledger by time: its partitions.",
    "telemetry": "Health, metrics, reports of the worker, rejected messages.",
    "compat": "Account main as tables for other services of a shared database.",
    "api": "The public schema: the functions and views that clients call.",
}
SIBLINGS = {"transfers", "imports"}

# In text that is not SQL of the tree: a function that somebody calls.
OUTSIDE = re.compile(r"\b((?:pms|api)\.[a-z_]+)")
# Where the signature of a function ends.
BODY = re.compile(r"\bAS \$\$|\bBEGIN ATOMIC\b|^RETURN\b", re.MULTILINE)
LITERAL = re.compile(r"'((?:[^']|'')*)'")

Key = tuple[str, str]


def may_use(user: str, used: str) -> bool:
    """Whether a domain stands before another one, or is the same."""
    order = list(DOMAINS)
    is_sibling = {user, used} == SIBLINGS
    return user == used or (order.index(used) < order.index(user) and not is_sibling)


class CodeGraph:
    """All code below ``db/``, its references, and its callers outside SQL."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        # Reading fails on a cycle, for the loader would not know where to begin.
        self.code: dict[Key, CodeObject] = {
            one.key: one for one in read_tree(tree / "db") if one.kind != "notes"
        }
        self.uses: Mapping[Key, list[Key]] = {
            key: [other for other in others if other in self.code and other != key]
            for key, others in references(list(self.code.values())).items()
        }

    @cached_property
    def users(self) -> dict[Key, list[Key]]:
        """By object, the objects that use it."""
        found: dict[Key, list[Key]] = {key: [] for key in self.code}
        for user, others in self.uses.items():
            for used in others:
                found[used].append(user)
        return found

    @cached_property
    def called_outside(self) -> dict[str, list[str]]:
        """By name, what calls it outside the SQL of the tree: a package, or ``jobs`` by name."""
        found: dict[str, set[str]] = {}
        source = self._tree / "src" / "position_manager"
        for path in source.rglob("*.py"):
            for name in OUTSIDE.findall(path.read_text()):
                found.setdefault(name, set()).add(path.relative_to(source).parts[0])
        # The triggers of a table, which its migration makes.
        for path in (self._tree / "db" / "migrations" / "compat").glob("*.sql"):
            for name in OUTSIDE.findall(path.read_text()):
                found.setdefault(name, set()).add("a trigger")
        for one in self.code.values():
            for literal in LITERAL.findall(one.definition):
                # `jobs` lists functions by their bare names, pg_cron runs a statement.
                names = [f"pms.{literal}"] if one.name == "pms.jobs" else OUTSIDE.findall(literal)
                for name in names:
                    if one.domain == "jobs":
                        found.setdefault(name, set()).add("a job")
        return {name: sorted(callers) for name, callers in found.items()}

    def is_private(self, key: Key) -> bool:
        """Whether only its own domain uses it."""
        one = self.code[key]
        return (
            one.domain != "api"
            and one.name not in self.called_outside
            and all(self.code[user].domain == one.domain for user in self.users[key])
        )

    def upward(self) -> list[str]:
        """References against the order of the domains."""
        return [
            f"{self.code[user].name} ({self.code[user].domain}) uses "
            f"{self.code[used].name} ({self.code[used].domain})"
            for user, others in self.uses.items()
            for used in others
            if not may_use(self.code[user].domain, self.code[used].domain)
        ]

    def uncalled(self) -> list[str]:
        """Functions and views of ``pms`` that nothing uses."""
        return [
            one.name
            for key, one in self.code.items()
            if one.kind in ("routine", "view")
            and one.name.startswith("pms.")
            and one.domain != "api"
            and not self.users[key]
            and one.name not in self.called_outside
        ]

    def alone_with_one_caller(self) -> list[str]:
        """Private functions in a file of their own whose one caller is in another file."""
        in_file: dict[Path, int] = {}
        for one in self.code.values():
            in_file[one.path] = in_file.get(one.path, 0) + 1
        return [
            one.name
            for key, one in self.code.items()
            if one.kind == "routine"
            and self.is_private(key)
            and len(self.users[key]) == 1
            and in_file[one.path] == 1
        ]

    def longest_chain(self, start: Key) -> list[str]:
        """Names along the longest way down from an object, itself first.

        Types do not count, nor does a view whose row type is all that a function uses of it.
        """
        return self._chains[start]

    @cached_property
    def _chains(self) -> dict[Key, list[str]]:
        found: dict[Key, list[str]] = {}
        # Each object follows those it uses.
        for key, one in self.code.items():
            body = BODY.split(one.definition, maxsplit=1)[-1]
            below = [
                found[used]
                for used in self.uses[key]
                if self.code[used].kind != "type"
                and (self.code[used].kind != "view" or self.code[used].name in body)
            ]
            found[key] = [one.name, *max(below, key=len, default=[])]
        return found
