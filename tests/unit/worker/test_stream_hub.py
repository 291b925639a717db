"""What the stream keeps in memory, and who is connected to it."""

from __future__ import annotations

import asyncio

import pytest

from position_manager.worker.stream.clients import Client, Clients, Key
from position_manager.worker.stream.hub import AT_ONCE, Event, Filter, Hub

ALL = Filter()


def event(number: int, account: str | None = "main", kind: str = "position_updated") -> Event:
    return Event(number, kind, account, f"{number};".encode())


def hub(*events: Event, after: int = 0, **bounds: int) -> Hub:
    made = Hub(**bounds)
    made.start(after)
    made.append(events)
    return made


def numbers(made: Hub, after: int, wanted: Filter = ALL) -> list[int] | None:
    """The numbers of the events that a client is sent at once."""
    found = made.since(after, wanted)
    return None if found is None else [int(text) for text in found.text.split(b";") if text]


def test_a_client_gets_what_follows_its_last_event() -> None:
    made = hub(*map(event, range(1, 6)))

    assert numbers(made, 0) == [1, 2, 3, 4, 5]
    assert numbers(made, 3) == [4, 5]
    assert numbers(made, 5) == []
    # The log had it before the hub.
    assert numbers(made, 7) == []


def test_what_the_hub_no_longer_has_is_left_to_the_log() -> None:
    made = hub(*map(event, range(1, 11)), most_events=3)

    assert numbers(made, 6) is None
    assert numbers(made, 7) == [8, 9, 10]


def test_the_hub_is_bounded_by_bytes_as_well() -> None:
    made = hub(*map(event, range(100_001, 100_011)), after=100_000, most_bytes=30)

    assert numbers(made, 100_005) is None
    assert numbers(made, 100_006) == [100_007, 100_008, 100_009, 100_010]


def test_a_gap_in_the_log_is_never_passed_on() -> None:
    made = hub(event(1))

    with pytest.raises(ValueError, match="event 3 of the log follows 1"):
        made.append([event(3)])


def test_a_client_walks_from_log_to_hub_without_loss_or_repetition() -> None:
    made = hub(*map(event, range(1, 101)), most_events=40)
    got: list[int] = []
    position = 0
    while position < 100:
        found = numbers(made, position)
        # As the log has it, in pages that overlap with the hub.
        batch = list(range(position + 1, min(position + 25, 100) + 1)) if found is None else found
        got += batch
        position = batch[-1]

    assert got == list(range(1, 101))


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        (ALL, [1, 2, 3, 4]),
        (Filter(accounts=frozenset({"main"})), [1, 3]),
        (Filter(types=frozenset({"portfolio_updated"})), [4]),
        (Filter(frozenset({"main", "other"}), frozenset({"position_closed"})), [3]),
        (Filter(accounts=frozenset({"none"})), []),
    ],
)
def test_a_client_is_sent_what_it_may_see_alone(wanted: Filter, sent: list[int]) -> None:
    made = hub(
        event(1),
        event(2, "other"),
        event(3, kind="position_closed"),
        event(4, None, "portfolio_updated"),
    )

    assert numbers(made, 0, wanted) == sent
    found = made.since(0, wanted)
    assert found is not None
    # It is not asked for the others again.
    assert found.last == 4


def test_no_more_than_a_piece_is_sent_at_once() -> None:
    large = [Event(number, "t", None, bytes(AT_ONCE // 3)) for number in range(1, 8)]
    made = hub(*large)

    found = made.since(0, ALL)
    assert found is not None
    assert (found.last, len(found.text)) == (4, 4 * (AT_ONCE // 3))


def test_who_waits_is_woken_by_the_next_event() -> None:
    async def scene() -> list[int] | None:
        made = hub(event(1))
        waits = asyncio.create_task(made.changed())
        await asyncio.sleep(0)
        assert not waits.done()
        made.append([event(2)])
        await asyncio.wait_for(waits, 1)
        return numbers(made, 1)

    assert asyncio.run(scene()) == [2]


def client(key: Key, digest: bytes = b"1") -> Client:
    return Client(digest, key, ALL, position=0)


def test_a_key_has_no_more_streams_than_it_may() -> None:
    clients = Clients(most_per_key=2)
    key, other = Key("a", "pms_reader", None), Key("b", "pms_reader", None)
    first = client(key)

    assert [clients.add(one) for one in (first, client(key), client(key))] == [True, True, False]
    assert clients.add(client(other, b"2"))
    clients.remove(first)
    assert clients.add(client(key))
    assert clients.snapshot()["stream_clients"] == 3
    assert clients.snapshot()["stream_refused"] == 1


@pytest.mark.parametrize(
    "now",
    [
        None,
        Key("a", "pms_trader_bound", ("main",)),
        Key("a", "pms_reader_bound", ("main", "other")),
        Key("a", "pms_reader", None),
    ],
)
def test_the_streams_of_a_key_end_with_any_change_of_it(now: Key | None) -> None:
    clients = Clients(most_per_key=2)
    changed = client(Key("a", "pms_reader_bound", ("main",)), b"1")
    same = client(Key("b", "pms_reader", None), b"2")
    clients.add(changed)
    clients.add(same)

    found = {b"2": same.key} | ({} if now is None else {b"1": now})
    assert clients.end_unless(found) == 1
    assert (changed.stays(), same.stays()) == (False, True)
