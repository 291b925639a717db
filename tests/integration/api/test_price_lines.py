"""/rest/rpc/price_lines: the prices that a chart draws."""

from __future__ import annotations

import pytest

from tests.helpers.service import Service

PATH = "/rest/rpc/price_lines"


def minute(number: int) -> str:
    return f"2026-01-01T00:{number:02}:00Z"


def test_a_line_has_the_newest_price_of_each_moment(service: Service, asset: str) -> None:
    for number, price in ((10, "100.123456789012345678"), (25, "101")):
        body = {"symbol": asset, "mark_price": price, "timestamp": minute(number)}
        assert service.post("/rest/rpc/record_price", json=body).status_code == 200
    asked = {"assets": f"{{{asset}}}", "points": "4"}

    lines = service.get(PATH, params=asked | {"from_time": minute(0), "to_time": minute(30)}).json()

    assert lines == [
        {
            "asset": asset,
            "prices": [None, "100.123456789012345678", "100.123456789012345678", "101"],
        }
    ]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"points": "1"}, "points out of range"),
        ({"points": "1001"}, "points out of range"),
        ({"from_time": minute(2), "to_time": minute(1)}, "from_time is not before to_time"),
        ({"from_time": "-infinity"}, "from_time is not before to_time"),
    ],
)
def test_an_impossible_line_is_refused(
    service: Service, params: dict[str, str], message: str
) -> None:
    answer = service.get(PATH, params=params)

    assert answer.status_code == 400
    assert answer.json()["message"] == message
