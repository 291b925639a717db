"""``reviews``: why positions need review, and what settles it."""

from __future__ import annotations

from position_manager.cli.commands import Commands, listing
from position_manager.cli.output import ACCOUNT, LEG, print_rows, remark, when, words
from position_manager.cli.query import (
    Account,
    AnyAsset,
    AsJson,
    Database,
    Limit,
    Mode,
    connected,
    position_filter,
    rows,
)

OLDEST_FIRST = ("raised_at", "account", "asset", "mode", "leg", "code", "source")

app = Commands()


@app.command()
@listing
def reviews(
    asset: AnyAsset = None,
    account: Account = None,
    mode: Mode = None,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List the reasons why positions need review, each with what settles it.

    Those that have stood longest come first. The default is all accounts, assets and modes.
    """
    with connected(database) as connection:
        found = rows(
            connection,
            "position_reviews",
            position_filter(account, asset, mode),
            OLDEST_FIRST,
            limit or 100,
        )
    print_rows(found, REVIEWS, as_json, name="reviews", empty="no position needs review")


REVIEWS = (
    ACCOUNT,
    words("asset", "asset", remark("yellow"), folds=True),
    LEG,
    words("reason", "code", remark("red")),
    words("found", "detail", remark(), folds=True),
    words("since", "raised_at", when, leaves=1),
    words("settled by", "remedy", folds=True),
)
