"""``open``: a link to the page, with a one-time code."""

from __future__ import annotations

from typing import Annotated

import typer

from position_manager.cli.access import NewKey
from position_manager.cli.commands import Commands
from position_manager.cli.query import AsJson, Database, Url, address, connected
from position_manager.terminal import echo, print_json

OPEN = "SELECT FROM api.create_session_code(id => %s, digest => %s, account_scope => %s)"

app = Commands()


@app.command("open")
def open_page(
    account: Annotated[
        list[str] | None,
        typer.Option(
            "--account",
            "-a",
            help="Show this account only; repeatable. By default all accounts.",
        ),
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
    database: Database = None,
) -> None:
    """Print a link that opens the page once, within 60 seconds, without asking for a key.

    The tab can read for 12 hours. **keys revoke** ends it earlier.
    """
    code = NewKey.make()
    with connected(database) as connection:
        connection.execute(OPEN, [code.id, code.digest, account or None])
    # A browser sends no server what follows the #.
    link = f"{address('POSITION_MANAGER_URL', url).rstrip('/')}/#code={code.text}"
    print_json({"id": code.id, "link": link}) if as_json else echo(link)
