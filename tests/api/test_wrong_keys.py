"""Keys that are nearly right: nobody learns from the answer how nearly."""

from __future__ import annotations

import statistics
import time

import httpx

from tests.api.service import Service, assert_refused

ROUNDS = 150
SHARE = 0.2


def wrong_keys(service: Service) -> dict[str, str]:
    """Keys that open nothing, by what is wrong with them."""
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
        "of an operator who is gone": service.new_key("operator", revoked=True),
    }


def test_every_wrong_key_is_answered_alike(service: Service) -> None:
    bodies = set()
    headers = set()
    for key in wrong_keys(service).values():
        answer = service.get("/api/v1/positions", key=key)
        body = assert_refused(answer, 401)
        bodies.add((body["error_code"], body["message"], str(body["details"])))
        headers.add(frozenset(answer.headers))

    assert len(bodies) == 1
    assert len(headers) == 1


def test_the_time_of_a_refusal_tells_nothing(service: Service) -> None:
    keys = wrong_keys(service)
    times: dict[str, list[float]] = {name: [] for name in keys}

    with httpx.Client(base_url=service.url) as client:
        # One of each in turn: what else the machine does, it does to all of them.
        for _ in range(ROUNDS):
            for name, key in keys.items():
                began = time.perf_counter()
                client.get("/api/v1/positions", headers={"X-API-Key": key})
                times[name].append(time.perf_counter() - began)

    medians = {name: statistics.median(found) for name, found in times.items()}
    middle = statistics.median(medians.values())
    assert {
        name: round(median / middle, 2)
        for name, median in medians.items()
        if abs(median / middle - 1) > SHARE
    } == {}
