"""Responses to wrong keys do not reveal what is wrong with them."""

from __future__ import annotations

import statistics
import time

import httpx

from tests.helpers.service import Service, assert_refused
from tests.helpers.soak import sized

ROUNDS = sized(60, 150)
SHARE = 0.2
PATH = "/api/v1/positions"


def wrong_keys(service: Service) -> dict[str, str]:
    """Refused keys, by their fault."""
    real = service.new_key("reader")
    last = "0" if real[-1] != "0" else "1"
    return {
        "tampered": real[:-1] + last,
        "tampered id": real.replace("pms_test-", "pms_tess-"),
        "truncated": real[:-6],
        "without its secret": real.rpartition("_")[0] + "_",
        "longer": real + "0",
        "revoked": service.new_key("reader", revoked=True),
        "expired": service.new_key("reader", "-1 second"),
        "unknown": "pms_nobody-has-it_" + "0" * 32,
        "revoked operator": service.new_key("operator", revoked=True),
    }


def test_every_wrong_key_gets_the_same_response(service: Service) -> None:
    bodies = set()
    headers = set()
    for key in wrong_keys(service).values():
        answer = service.get(PATH, key=key)
        body = assert_refused(answer, 401)
        bodies.add((body["error_code"], body["message"], str(body["details"])))
        headers.add(frozenset(answer.headers))

    assert len(bodies) == 1
    assert len(headers) == 1


def test_existing_and_unknown_foreign_accounts_get_the_same_refusal(
    service: Service, account: str
) -> None:
    service.fill(f"{account}-other")
    key = service.new_key("reader", accounts=[account])

    bodies = []
    for foreign in (f"{account}-other", f"{account}-nobody", "main"):
        answer = service.get(PATH, key=key, params={"account": foreign})
        bodies.append(assert_refused(answer, 403) | {"trace_id": ""})
    assert bodies[0] == bodies[1] == bodies[2]


def medians(service: Service, asked: dict[str, tuple[str, str]]) -> dict[str, float]:
    """The median time of each, relative to the median of all."""
    times: dict[str, list[float]] = {name: [] for name in asked}
    with httpx.Client(base_url=service.url) as client:
        # In turn, so that other load on the machine affects all of them.
        for _ in range(ROUNDS):
            for name, (key, account) in asked.items():
                began = time.perf_counter()
                client.get(PATH, params={"account": account}, headers={"X-API-Key": key})
                times[name].append(time.perf_counter() - began)
    found = {name: statistics.median(each) for name, each in times.items()}
    middle = statistics.median(found.values())
    return {name: median / middle for name, median in found.items()}


def deviating(service: Service, asked: dict[str, tuple[str, str]]) -> set[str]:
    """The requests that deviate in every one of three measurements, as noise does not."""
    names = set(asked)
    for _ in range(3):
        found = medians(service, asked)
        names &= {name for name, share in found.items() if abs(share - 1) > SHARE}
        if not names:
            break
    return names


def test_response_time_does_not_reveal_why_a_key_is_wrong(service: Service) -> None:
    keys = wrong_keys(service)

    assert deviating(service, {name: (key, "main") for name, key in keys.items()}) == set()


def test_response_time_does_not_reveal_whether_an_account_exists(
    service: Service, account: str
) -> None:
    service.fill(f"{account}-other")
    key = service.new_key("reader", accounts=[account])

    accounts = (f"{account}-other", f"{account}-nobody", "main")
    assert deviating(service, {name: (key, name) for name in accounts}) == set()
