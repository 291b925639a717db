"""The gateway's own metrics in /metrics, and the uses of keys in ``api.keys``."""

from __future__ import annotations

from typing import Any

from tests.helpers.harness import eventually
from tests.helpers.service import Service

PATH = "/api/v1/portfolio/pnl"


def http(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = service.get("/metrics", key=None).json()["http"]
    return found


def count(service: Service, status: str) -> int:
    requests = http(service).get("requests", {})
    return int(requests.get(PATH, {}).get("GET", {}).get(status, 0))


def last_use(service: Service, key: str) -> tuple[Any, ...]:
    ((at, address),) = service.query(
        "SELECT last_used_at, last_used_from FROM api.keys WHERE id = %s", key.split("_")[1]
    )
    return at, address


def test_requests_are_counted_from_the_log(service: Service, account: str) -> None:
    good, bad = count(service, "200"), count(service, "401")

    for _ in range(3):
        service.get(PATH, params={"account": account})
    service.get(PATH, key="pms_nobody_wrong")

    eventually(lambda: count(service, "200") >= good + 3 and count(service, "401") > bad)
    latency = http(service)["seconds"][PATH]
    assert latency["buckets"]["+Inf"] == latency["count"] >= 4
    assert latency["sum"] > 0
    text = service.get("/metrics", key=None, headers={"Accept": "text/plain"}).text
    assert (
        f'position_manager_http_requests_total{{path="{PATH}",method="GET",status="200"}}' in text
    )


def test_the_last_use_of_a_key_is_known(service: Service, account: str) -> None:
    key = service.new_key("reader")
    assert last_use(service, key) == (None, None)
    (begin,) = service.query("SELECT now()")

    # A request with only the id does not count as a use.
    service.get(PATH, key=key + "x")
    service.request("DELETE", PATH, key=key + "x")
    service.get(PATH, key=key, params={"account": account})

    eventually(lambda: last_use(service, key)[0])
    at, address = last_use(service, key)
    assert at >= begin[0]
    assert address == "127.0.0.1"
    assert service.query(
        "SELECT requests FROM pms.key_uses WHERE key_id = %s", key.split("_")[1]
    ) == [(1,)]
