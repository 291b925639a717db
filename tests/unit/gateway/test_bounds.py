"""How much of the gateway and of PostgREST one client may take."""

from __future__ import annotations

import re
from dataclasses import replace

from position_manager.gateway import limits
from position_manager.gateway.limits import Limit, before_any_key, configuration
from position_manager.gateway.render import GATEWAY
from position_manager.paths import ROOT
from position_manager.stack.postgrest import POOLS


def directive(name: str) -> str:
    """The value of a directive that the configuration has once."""
    text = "".join(path.read_text() for path in GATEWAY.glob("*.*"))
    (value,) = re.findall(rf"\b{name} (\w+);", text)
    return str(value)


def test_requests_of_one_key_leave_half_of_the_contract_and_of_queries_to_others() -> None:
    view = (ROOT / "db" / "views" / "access" / "rate_limits.sql").read_text()
    (of_a_key,) = re.findall(r"(\d+) AS concurrent", view)
    limited = Limit("a", 100, 20, 6, "a", "00" * 16)

    for each in (limited, replace(limited, per_minute=None, burst=None)):
        assert "limit_conn under_way 6;" in configuration([each])
        assert f"limit_conn querying {limits.QUERIES};" in configuration([each])
    assert POOLS["postgrest-queries"].connections >= 2 * limits.QUERIES
    numbers = [int(of_a_key), *(limit.concurrent for limit in before_any_key(True, 100))]
    assert 2 * max(numbers) <= POOLS["postgrest"].connections


def test_metrics_leave_a_connection_to_the_health() -> None:
    (scrapes,) = re.findall(r"limit_conn scraping (\d+);", (GATEWAY / "counting.conf").read_text())

    assert POOLS["postgrest-health"].connections > int(scrapes)


def test_the_pools_have_room_in_the_limit_of_their_role() -> None:
    bootstrap = (ROOT / "db" / "bootstrap.sql").read_text()
    (limit,) = re.findall(r"pms_authenticator LOGIN NOINHERIT CONNECTION LIMIT (\d+)", bootstrap)

    # Each server has one more connection, on which it listens for changes of the schema.
    assert sum(pool.connections + 1 for pool in POOLS.values()) < int(limit)


def test_half_sent_requests_are_many_and_short_lived() -> None:
    """One client has some 28,000 ports to connect from."""
    assert int(directive("worker_connections")) >= 16_000
    assert int(directive("worker_rlimit_nofile")) > int(directive("worker_connections"))
    assert directive("client_header_timeout") == "3s"
