"""`make timing` asks what the service answers."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.timing.conditions import VIEWS, conditions


@pytest.mark.parametrize("view", VIEWS)
def test_a_condition_of_the_measurement_is_not_refused(
    desk: psycopg.Connection[Any], view: str
) -> None:
    for condition in conditions(view):
        for query in (condition.met, condition.missed, condition.missed_too):
            found = desk.execute(
                "SELECT c.objection FROM pms.check_names('/' || %s, %s) c", [view, query]
            ).fetchone()
            assert found == (None,)
