"""PostgREST's native interface below /rest/: the published views and functions."""

from __future__ import annotations

import pytest

from tests.helpers.service import Service

VIEWS = [
    "positions", "fills", "prices", "portfolio", "exposure_by_asset", "pnl_by_asset", "fifo_lots",
    "fifo_positions", "restatements", "conflicts", "suspected_repeats", "instruments",
    "pending_amendments", "position_reviews",
]  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_served(service: Service, reader_key: str, view: str) -> None:
    answer = service.get(f"/rest/{view}", key=reader_key, params={"limit": "1"})

    assert answer.status_code == 200
    assert isinstance(answer.json(), list)


def test_a_view_can_be_filtered_and_counted(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset, "2", "100", execution_fees="0.25", trace_id="of-the-fill")
    service.fill(account, asset, "-1", "110")

    answer = service.get(
        "/rest/fills",
        params={
            "account": f"eq.{account}",
            "select": "side,quantity::text,value::text,trace_id",
            "order": "id",
            "limit": "1",
        },
        headers={"Prefer": "count=exact"},
    )

    assert answer.json() == [
        {"side": "buy", "quantity": "2", "value": "200", "trace_id": "of-the-fill"}
    ]
    assert answer.headers["content-range"] == "0-0/2"


def test_functions_take_arguments_in_the_query_and_in_the_body(
    service: Service, account: str, asset: str
) -> None:
    service.fill(account, asset)
    asked = {"asset": asset, "account": account}

    by_query = service.get("/rest/rpc/get_position", params=asked)
    by_body = service.post("/rest/rpc/get_position", json=asked)

    assert by_query.status_code == by_body.status_code == 200
    assert by_query.json() == by_body.json()
    taken = service.post("/rest/rpc/create_snapshot", json=asked)
    assert (taken.status_code, taken.json()["asset"]) == (201, asset)


def test_the_openapi_root_lists_the_published_objects(service: Service, reader_key: str) -> None:
    described = service.get("/rest/", key=reader_key).json()

    assert {f"/{view}" for view in VIEWS} <= set(described["paths"])
    assert "/rpc/create_snapshot" not in described["paths"]
    assert described["host"] == service.url.removeprefix("http://")
    assert described["basePath"] == "/rest"
    views = {path: item for path, item in described["paths"].items() if "/rpc/" not in path}
    assert {path for path, item in views.items() if set(item) != {"get"}} == set()
    assert all(item["get"]["summary"] for item in views.values())


def test_views_are_read_only(service: Service) -> None:
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        assert service.request(method, "/rest/positions", json={}).status_code == 405


def test_private_objects_are_not_served(service: Service) -> None:
    for path in ("api_keys", "entries", "rpc/find_key", "rpc/check_request", "rpc/fold"):
        assert service.get(f"/rest/{path}").status_code == 404


@pytest.mark.parametrize("header", ["Accept", "Prefer", "Range", "Range-Unit"])
def test_headers_that_are_not_text_are_ignored(service: Service, header: str) -> None:
    answer = service.get("/rest/instruments", headers={header: b"\xa9"})

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["fills", "instruments", "rpc/get_portfolio"])
@pytest.mark.parametrize("accept", ["text/csv", "Text/CSV; q=0.9, application/json"])
def test_nothing_is_served_as_csv(service: Service, path: str, accept: str) -> None:
    answer = service.get(f"/rest/{path}", headers={"Accept": accept})

    assert (answer.status_code, answer.json()["error_code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
