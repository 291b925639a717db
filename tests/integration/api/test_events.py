"""GET /api/v1/events: reading on from a cursor, filters, and the scope of the key."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.harness import eventually
from tests.helpers.service import Service, assert_refused

PATH = "/api/v1/events"
LOGGED = "SELECT count(*) FROM pms.event_log l WHERE l.account = %s"


def fill(service: Service, account: str, asset: str, times: int = 1) -> None:
    """Change a position, and wait until its events are in the log."""
    ((before,),) = service.query(LOGGED, account)
    for _ in range(times):
        service.fill(account, asset)
    eventually(lambda: service.query(LOGGED, account)[0][0] == before + times)


def read(service: Service, key: str, **asked: object) -> dict[str, Any]:
    answer = service.get(PATH, key=key, params=asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def forget_times(body: dict[str, Any]) -> dict[str, Any]:
    """The answer without what differs between any two events."""
    for event in body["events"]:
        for name in ("cursor", "event_id", "timestamp", "occurred_at", "trace_id", "position_id"):
            event.pop(name)
        event.update({"asset": "", "account": ""})
    return body | {"next_cursor": len(body["next_cursor"] or "")}


def test_a_client_reads_on_from_its_last_cursor(service: Service, account: str, asset: str) -> None:
    key = service.new_key("reader", accounts=[account])
    fill(service, account, asset, 5)

    pages = [read(service, key, limit=2)]
    while pages[-1]["has_more"]:
        pages.append(read(service, key, limit=2, after=pages[-1]["next_cursor"]))
    last = pages[-1]["next_cursor"]
    nothing = read(service, key, after=last)
    fill(service, account, asset)
    more = read(service, key, after=last)

    assert [len(page["events"]) for page in pages] == [2, 2, 1]
    assert all(page["next_cursor"] == page["events"][-1]["cursor"] for page in pages)
    versions = [event["version"] for page in [*pages, more] for event in page["events"]]
    assert versions == [1, 2, 3, 4, 5, 6]
    assert nothing == {"events": [], "next_cursor": last, "has_more": False}


def test_events_are_those_of_the_exchange(service: Service, account: str, asset: str) -> None:
    key = service.new_key("reader", accounts=[account])
    fill(service, account, asset)

    body = read(service, key)

    ((sent,),) = service.query(
        "SELECT l.payload FROM pms.event_log l WHERE l.account = %s", account
    )
    assert body["events"] == [sent]
    assert (sent["event_type"], sent["account"], sent["asset"]) == (
        "position_updated", account, asset
    )  # fmt: skip


def test_types_are_chosen_and_the_others_are_passed(
    service: Service, account: str, asset: str
) -> None:
    key = service.new_key("reader", accounts=[account])
    fill(service, account, asset, 2)
    service.post(f"/api/v1/positions/{asset}/snapshot", params={"account": account})
    eventually(lambda: service.query(LOGGED, account)[0][0] == 3)
    everything = read(service, key)

    taken = read(service, key, types="position_snapshot_created,position_closed")
    updated = read(service, key, types="position_updated")

    assert [event["event_type"] for event in taken["events"]] == ["position_snapshot_created"]
    assert [event["version"] for event in updated["events"]] == [1, 2]
    # So that the snapshot is not looked at again.
    assert updated["next_cursor"] == everything["next_cursor"]
    assert read(service, key, types="nothing_of_the_kind") == {
        "events": [], "next_cursor": everything["next_cursor"], "has_more": False
    }  # fmt: skip


def test_nothing_depends_on_the_events_of_other_accounts(
    service: Service, account: str, asset: str
) -> None:
    """The answers to two keys are alike, though foreign events lie between those of one alone."""
    answers: list[list[dict[str, Any]]] = []
    for own, foreign in ((f"{account}-1", 0), (f"{account}-2", 7)):
        key = service.new_key("reader", accounts=[own, f"{own}-too"])
        seen = [read(service, key)]
        for each in (own, f"{own}-too", own):
            fill(service, each, asset)
            if foreign:
                fill(service, f"{own}-foreign", asset, foreign)
            last = seen[-1]["next_cursor"]
            seen.append(read(service, key, limit=1, **({"after": last} if last else {})))
            seen.append(read(service, key, after=seen[-1]["next_cursor"]))
        seen.append(read(service, key, types="position_closed"))
        seen.append(read(service, key, limit=2))
        cursors = [event["cursor"] for page in seen for event in page["events"]]
        cursors += [page["next_cursor"] for page in seen if page["next_cursor"]]
        owned = "SELECT l.payload ->> 'cursor' FROM pms.event_log l WHERE l.account LIKE %s"
        assert set(cursors) <= {
            *(cursor for (cursor,) in service.query(owned, own)),
            *(cursor for (cursor,) in service.query(owned, f"{own}-too")),
        }
        answers.append([forget_times(page) for page in seen])

    assert answers[0] == answers[1]
    assert answers[0][0] == {"events": [], "next_cursor": 0, "has_more": False}


def test_an_event_about_all_accounts_is_for_free_keys(
    service: Service, account: str, asset: str
) -> None:
    bound, free = service.new_key("reader", accounts=[account]), service.new_key("reader")
    start = read(service, free, types="nothing_of_the_kind")["next_cursor"]
    fill(service, account, asset)

    def types(key: str, **asked: object) -> set[str]:
        body = read(service, key, limit=1000, **({"after": start} if start else {}) | asked)
        return {event["event_type"] for event in body["events"]}

    eventually(lambda: "portfolio_updated" in types(free))
    assert types(bound) == {"position_updated"}
    assert types(free, account=account) == {"position_updated"}
    assert types(free, types="portfolio_updated") == {"portfolio_updated"}


@pytest.mark.parametrize(
    "asked",
    [
        {"after": "1"},
        {"after": "A" * 32},
        {"types": "Position"},
        {"types": "a,,b"},
        {"limit": "0"},
        {"limit": "1001"},
        {"account": "§"},
    ],
    ids=str,
)
def test_an_argument_out_of_its_range_is_refused(service: Service, asked: dict[str, str]) -> None:
    assert_refused(service.get(PATH, params=asked), 400, *asked)


def test_a_cursor_of_a_lost_event_has_expired(service: Service, account: str, asset: str) -> None:
    key = service.new_key("reader", accounts=[account])
    fill(service, account, asset)
    first = read(service, key)["next_cursor"]
    ((number,),) = service.query("SELECT pms.cursor_number(%s)", first)
    of_later = """
        SELECT pms.seal_cursor(k.secret, pms.epoch_of_event(%s), %s) FROM pms.cursor_key k
    """
    ((lost,),) = service.query(of_later, number, 10**12)

    refused = service.get(PATH, key=key, params={"after": lost})

    assert assert_refused(refused, 410)["details"] == {"after": lost}
