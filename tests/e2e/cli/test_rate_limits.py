"""``position-manager rate-limits``."""

from __future__ import annotations

import json

from position_manager.stack.processes import wait
from tests.helpers.commands import Cli


def test_the_limit_of_a_new_key_is_shown_and_soon_enforced(cli: Cli) -> None:
    made = json.loads(cli("keys", "create", "desk-screen", "--tier", "ui", "--json").stdout)

    def shown() -> dict[str, object]:
        listed = json.loads(cli("rate-limits", "show", "--json").stdout)["limits"]
        (found,) = (each for each in listed if each["id"] == made["id"])
        return dict(found)

    assert wait(lambda: shown()["in_force"] == 1000, 30)
    assert (shown()["counted_by"], shown()["per_minute"], shown()["burst"]) == ("key", 1000, 200)
    table = cli("rate-limits", "show").stdout
    assert f"{made['id']}" in table
    assert "no valid key" in table


def test_an_operator_key_has_the_operator_tier(cli: Cli) -> None:
    made = json.loads(cli("keys", "create", "desk", "--role", "operator", "--json").stdout)

    assert made["tier"] == "operator"


def test_the_first_key_has_the_operator_tier(cli: Cli) -> None:
    listed = json.loads(cli("keys", "list", "--json").stdout)["keys"]

    assert [key["tier"] for key in listed if key["id"] == "first"] == ["operator"]
