"""The code of the tree: functions, views and types with their notes, read from ``db/``.

Each statement belongs to one object. A statement that makes an object (``CREATE …``) begins it;
``COMMENT ON`` and ``GRANT`` annotate it. Notes on tables and schemas, which migrations make,
belong to an object of the kind ``notes``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pglast import ast, parse_sql
from pglast.enums import GrantTargetType, ObjectType
from pglast.keywords import COL_NAME_KEYWORDS, RESERVED_KEYWORDS, TYPE_FUNC_NAME_KEYWORDS
from pglast.parser import ParseError, scan

FOLDERS = ("functions", "views")
SCHEMAS = ("pms", "api", "compat")

Kind = Literal["routine", "view", "type", "notes"]

# The kinds that COMMENT and GRANT name.
_ROUTINES = {
    ObjectType.OBJECT_AGGREGATE,
    ObjectType.OBJECT_FUNCTION,
    ObjectType.OBJECT_PROCEDURE,
    ObjectType.OBJECT_ROUTINE,
}
_RELATIONS = {ObjectType.OBJECT_TABLE, ObjectType.OBJECT_VIEW}
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_KEYWORDS = COL_NAME_KEYWORDS | RESERVED_KEYWORDS | TYPE_FUNC_NAME_KEYWORDS
_TYPES = {ObjectType.OBJECT_DOMAIN, ObjectType.OBJECT_TYPE}


class SourceError(Exception):
    """The tree cannot be read as code; the text names the file and says why."""


class Name(NamedTuple):
    """A name in a definition, and whether it is called: a parenthesis follows it."""

    name: str
    is_called: bool


@dataclass
class CodeObject:
    """A function, aggregate, procedure, view or type, or the notes on a table or schema."""

    kind: Kind
    name: str
    """With its schema, as SQL spells it."""
    path: Path
    """Below ``db/``."""
    definition: str = ""
    """The statement that makes it; empty for notes."""
    notes: list[str] = field(default_factory=list)
    """Its COMMENT ON and GRANT statements, in the order of the file."""

    @property
    def key(self) -> tuple[Kind, str]:
        """What names it among all code; a function and a view may share a name."""
        return self.kind, self.name

    @property
    def domain(self) -> str:
        """The folder it lies in, below ``functions/`` or ``views/``."""
        return self.path.parts[1]

    @cached_property
    def digest(self) -> str:
        """Of its definition, then of its notes; comments between statements do not count."""
        return f"{_digest(self.definition)} {_digest(*self.notes)}"

    def has_definition_of(self, digest: str) -> bool:
        """Whether its definition is that of an object with `digest`: only notes may differ."""
        return digest.partition(" ")[0] == _digest(self.definition)

    @cached_property
    def names(self) -> frozenset[Name]:
        """Every name of the service's schemas in its definition, bodies of functions included."""
        return frozenset(qualified_names(self.definition))


def read_tree(db: Path) -> list[CodeObject]:
    """All code below `db`, each object after those it refers to."""
    found: dict[tuple[Kind, str], CodeObject] = {}
    for folder in FOLDERS:
        for path in sorted((db / folder).rglob("*.sql")):
            for code in _parsed(path.read_text(), path.relative_to(db)):
                if code.key in found:
                    raise SourceError(
                        f"db/{code.path}: {code.name} is defined in db/{found[code.key].path}, too"
                    )
                found[code.key] = code
    definitions = {code.name: code for code in found.values() if code.kind in ("view", "type")}
    for kind, name in found:
        if kind == "notes" and name in definitions:
            raise SourceError(
                f"db/{found[kind, name].path}: the notes on {name} belong after its definition,"
                f" in db/{definitions[name].path}"
            )
    return in_order(found.values())


def in_order(code: Iterable[CodeObject]) -> list[CodeObject]:
    """Sort objects so that each follows those it refers to; the same tree, the same order."""
    keyed = {one.key: one for one in sorted(code, key=lambda one: one.key)}
    graph = references(keyed.values())
    try:
        return [keyed[key] for key in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        names = " -> ".join(name for _, name in error.args[1])
        raise SourceError(f"objects refer to each other in a circle: {names}") from None


def references(
    code: Iterable[CodeObject],
) -> Mapping[tuple[Kind, str], list[tuple[Kind, str]]]:
    """By object, the objects of `code` that its definition names."""
    code = list(code)
    by_name: dict[str, list[tuple[Kind, str]]] = {}
    for one in code:
        if one.kind != "notes":
            by_name.setdefault(one.name, []).append(one.key)

    def named(name: Name) -> list[tuple[Kind, str]]:
        found = by_name.get(name.name, [])
        # Of a function and a view, the one that is meant.
        is_shared = len(found) > 1
        return [key for key in found if not is_shared or (key[0] == "routine") == name.is_called]

    return {
        one.key: [key for name in sorted(one.names) for key in named(name) if key != one.key]
        for one in code
    }


def qualified_names(text: str) -> Iterator[Name]:
    """Names such as ``pms.x`` in SQL or PL/pgSQL, outside comments and literals."""
    tokens = [token for token in scan(text) if token.name not in ("SQL_COMMENT", "C_COMMENT")]
    words = [text[token.start : token.end + 1] for token in tokens]
    for token, word in zip(tokens, words, strict=True):
        # A body, or a literal with quotes in it.
        if token.name == "SCONST" and word.startswith("$"):
            tag = word[: word.index("$", 1) + 1]
            yield from qualified_names(word[len(tag) : -len(tag)])
    for schema, dot, name, after in zip(
        words, words[1:], words[2:], [*words[3:], ""], strict=False
    ):
        if dot == "." and (folded := _folded(schema)) in SCHEMAS:
            yield Name(f"{folded}.{quoted(_folded(name))}", after == "(")


def quoted(name: str) -> str:
    """A name as PostgreSQL's ``quote_ident`` spells it."""
    is_plain = _PLAIN.fullmatch(name) and name not in _KEYWORDS
    return name if is_plain else '"' + name.replace('"', '""') + '"'


def _folded(word: str) -> str:
    """The name that a word of SQL stands for."""
    return word[1:-1].replace('""', '"') if word.startswith('"') else word.lower()


# A deployment reads the tree before its pause and again to load it.
@cache
def _parsed(text: str, relative: Path) -> tuple[CodeObject, ...]:
    """The objects of a file below ``db/``."""
    try:
        statements = parse_sql(text)
    except ParseError as error:
        message, _, index = str(error).rpartition(", at index ")
        line = text.count("\n", 0, int(index)) + 1
        raise SourceError(f"db/{relative}:{line}: {message}") from None
    found: dict[tuple[Kind, str], CodeObject] = {}
    for raw in statements:
        begin, length = raw.stmt_location or 0, raw.stmt_len or 0
        statement = text[begin : begin + length if length else len(text)].strip()
        while statement.startswith("--"):
            statement = statement.partition("\n")[2].lstrip()
        # Any: pglast types every field of every node as optional.
        node: Any = raw.stmt
        made, annotated = _made(node), _annotated(node)
        if made is not None:
            if made in found:
                raise SourceError(f"db/{relative}: {made[1]} is defined twice")
            if made[1].partition(".")[0] not in SCHEMAS:
                known = ", ".join(SCHEMAS)
                raise SourceError(f"db/{relative}: {made[1]} is in none of the schemas {known}")
            if made[0] != "type" and not node.replace:
                raise SourceError(f"db/{relative}: {made[1]} needs CREATE OR REPLACE")
            found[made] = CodeObject(*made, relative, statement)
        elif annotated in found:
            found[annotated].notes.append(statement)
        elif annotated is not None and annotated[0] != "routine":
            name = annotated[1]
            notes = found.setdefault(("notes", name), CodeObject("notes", name, relative))
            notes.notes.append(statement)
        else:
            raise SourceError(
                f"db/{relative}: neither the definition of code, nor a COMMENT or GRANT on one"
                f" object of this file or on a table: {statement.splitlines()[0]}"
            )
    return tuple(found.values())


def _digest(*statements: str) -> str:
    return sha256("\n".join(statements).encode()).hexdigest()


def _made(statement: Any) -> tuple[Kind, str] | None:
    match type(statement).__name__:
        case "CreateFunctionStmt":
            return "routine", _spelled(statement.funcname)
        case "DefineStmt" if statement.kind is ObjectType.OBJECT_AGGREGATE:
            return "routine", _spelled(statement.defnames)
        case "ViewStmt":
            return "view", _relation(statement.view)
        case "CompositeTypeStmt":
            return "type", _relation(statement.typevar)
        case "CreateDomainStmt":
            return "type", _spelled(statement.domainname)
    return None


def _annotated(statement: Any) -> tuple[Kind, str] | None:
    """What a COMMENT or a GRANT is about; ``view`` for any relation."""
    match type(statement).__name__:
        case "CommentStmt":
            target = statement.object
        # Of several objects, each could be created again without the others.
        case "GrantStmt" if statement.is_grant and len(statement.objects) == 1:
            if statement.targtype is not GrantTargetType.ACL_TARGET_OBJECT:
                return None
            target = statement.objects[0]
        case _:
            return None
    kind = statement.objtype
    if kind in _ROUTINES:
        return "routine", _spelled(target.objname)
    if kind is ObjectType.OBJECT_COLUMN:
        return "view", _spelled(target[:-1])
    if kind in _RELATIONS:
        is_variable = isinstance(target, ast.RangeVar)
        return "view", _relation(target) if is_variable else _spelled(target)
    if kind in _TYPES:
        is_typed = type(target).__name__ == "TypeName"
        return "type", _spelled(target.names if is_typed else target)
    if kind is ObjectType.OBJECT_SCHEMA:
        return "notes", target.sval
    return None


def _relation(variable: Any) -> str:
    return _spelled(part for part in (variable.schemaname, variable.relname) if part)


def _spelled(parts: Iterable[Any]) -> str:
    """A name as SQL spells it: quoted where it must be."""
    return ".".join(quoted(part if isinstance(part, str) else part.sval) for part in parts)
