"""The commands of ``position-manager``: what all of them share, and the options of lists."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from position_manager.cli.form import Form, printed_as
from position_manager.cli.output import start_turn

NEGATIVE = re.compile(r"-[0-9.]+(?:[eE][-+]?[0-9]+)?")
Run = TypeVar("Run", bound=Callable[..., None])
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV, with all fields and digits.")]
Sort = Annotated[
    str | None,
    typer.Option(
        "--sort",
        metavar="COLUMN",
        help="Sort by a column or a field: numbers from the largest, others ascending;"
        " a leading minus reverses it.",
        show_default=False,
    ),
]
Watch = Annotated[
    float | None,
    typer.Option(
        "--watch",
        min=0.1,
        max=86_400,
        metavar="SECONDS",
        help="Repeat with this pause, until interrupted.",
        show_default=False,
    ),
]


class Command(TyperCommand):
    """A command."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters."""
        return _without_types(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments; a negative number is a value, which the service may refuse."""
        positive = ["0" if NEGATIVE.fullmatch(word) else word for word in args]
        if positive != args:
            # Refuses every other unknown option.
            self.make_parser(ctx).parse_args(positive)
            ctx.ignore_unknown_options = True
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command in the form that its options ask for."""
        return _in_form(super().invoke, ctx)


class Group(TyperGroup):
    """A group of commands, which may be a command as well."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters."""
        return _without_types(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Run the command in the form that its options ask for."""
        return _in_form(super().invoke, ctx)


def _without_types(parameters: list[Any]) -> list[Any]:
    """The parameters of a command; the help shows no type for a flag, which takes no value."""
    for each in parameters:
        if getattr(each, "is_bool_flag", False):
            each.metavar = ""
    return parameters


def _in_form(invoke: Callable[[Any], Any], ctx: Any) -> Any:
    """Run a command in the form that its options ask for, again and again if it is watched."""
    given = ctx.params
    form = Form(given.get("as_json", False), given.get("as_csv", False), given.get("sort"))
    if form.as_json and form.as_csv:
        raise typer.BadParameter("not with --json", param_hint="--csv")
    with printed_as(form):
        pause: float | None = given.get("watch")
        while pause is not None:
            start_turn()
            invoke(ctx)
            time.sleep(pause)
        return invoke(ctx)


class Commands(typer.Typer):
    """A set of commands."""

    def __init__(self, cls: type[Group] = Group, **options: Any) -> None:
        super().__init__(cls=cls, **options)

    def command(self, name: str | None = None, **options: Any) -> Callable[[Run], Run]:
        """Add a command."""
        return super().command(name, cls=Command, **options)


def listing(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that lists rows the options ``--csv``, ``--sort`` and ``--watch``."""
    return _with_options(command, as_csv=(AsCsv, False), sort=(Sort, None), watch=(Watch, None))


def watchable(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option ``--watch``."""
    return _with_options(command, watch=(Watch, None))


def _with_options(
    command: Callable[..., None], **options: tuple[Any, object]
) -> Callable[..., None]:
    """The command with options that :func:`_in_form` takes care of."""

    @wraps(command)
    def run(**given: Any) -> None:
        command(**{name: value for name, value in given.items() if name not in options})

    own = inspect.signature(command, eval_str=True)
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in options.items()
    ]
    parameters = [*own.parameters.values(), *added]
    run.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run
