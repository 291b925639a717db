"""Of many items with a key, the newest is released, and one in an interval at most."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from position_manager.worker.conflater import Conflater
from tests.helpers.soak import sized

INTERVAL = 10
LATE = 10**9


class Offer(NamedTuple):
    """An item, and the seconds after the one before."""

    key: str
    time: int
    pause: int


class Released(NamedTuple):
    """An item, its number and when it was released."""

    key: str
    time: int
    number: int
    at: float


OFFERS = st.lists(
    st.builds(Offer, st.sampled_from("abc"), st.integers(0, 30), st.integers(0, 12)), max_size=60
)


def released(offers: list[Offer]) -> tuple[list[Released], list[int]]:
    """The items in the order of their release, and the numbers of superseded ones."""
    conflater: Conflater[tuple[int, Offer]] = Conflater(INTERVAL)
    found: list[Released] = []
    superseded: list[int] = []
    now = 0.0

    def release() -> None:
        found.extend(
            Released(offer.key, offer.time, number, now) for number, offer in conflater.release(now)
        )

    for number, offer in enumerate(offers):
        now += offer.pause
        former = conflater.offer(offer.key, offer.time, (number, offer), LATE)
        superseded += [] if former is None else [former[0]]
        release()
    while conflater.waiting:
        now = max(now, conflater.due)
        release()
    return found, superseded


@given(OFFERS)
def test_the_newest_of_each_key_is_released_last(offers: list[Offer]) -> None:
    found, _ = released(offers)

    for key in {offer.key for offer in offers}:
        newest = max((each.time, number) for number, each in enumerate(offers) if each.key == key)
        last = [each for each in found if each.key == key][-1]
        assert (last.time, last.number) == newest


@given(OFFERS)
def test_an_older_item_is_never_released_after_a_newer_one(offers: list[Offer]) -> None:
    found, _ = released(offers)

    for key in {each.key for each in found}:
        order = [(each.time, each.number) for each in found if each.key == key]
        assert order == sorted(set(order))


@given(OFFERS)
def test_one_item_of_a_key_is_released_in_an_interval(offers: list[Offer]) -> None:
    found, _ = released(offers)

    for key in {each.key for each in found}:
        times = [each.at for each in found if each.key == key]
        pauses = [later - earlier for earlier, later in pairwise(times)]
        assert all(pause >= INTERVAL for pause in pauses)


@given(OFFERS)
def test_each_item_is_released_or_superseded(offers: list[Offer]) -> None:
    found, superseded = released(offers)

    assert sorted([*(each.number for each in found), *superseded]) == list(range(len(offers)))


@given(st.lists(st.sampled_from("abcdefgh"), max_size=sized(100, 1000)))
def test_keys_that_were_quiet_longest_are_forgotten(keys: list[str]) -> None:
    conflater: Conflater[str] = Conflater(0, most_keys=3)
    for number, key in enumerate(keys):
        conflater.offer(key, number, key, LATE)
        conflater.release(number)

    # An older item of a key that is known is superseded at once.
    known = {key for key in set(keys) if conflater.offer(key, -1, key, LATE) is not None}
    assert known == set(list(dict.fromkeys(reversed(keys)))[:3])


def test_the_first_item_of_a_quiet_key_is_due_at_once() -> None:
    conflater: Conflater[str] = Conflater(INTERVAL)
    assert conflater.due == math.inf

    conflater.offer("a", 1, "first", LATE)
    assert conflater.release(100) == ["first"]
    conflater.offer("a", 2, "second", LATE)
    conflater.offer("b", 1, "other", LATE)

    assert conflater.release(100) == ["other"]
    assert (conflater.due, conflater.release(109.9)) == (110, [])
    assert conflater.release(110) == ["second"]
    conflater.offer("a", 3, "third", LATE)
    assert conflater.release(200) == ["third"]


def test_waiting_items_can_be_released_early() -> None:
    conflater: Conflater[str] = Conflater(INTERVAL)
    conflater.offer("a", 1, "first", LATE)
    conflater.release(0)
    conflater.offer("a", 2, "second", LATE)

    assert conflater.release(1, early=True) == ["second"]
    assert (conflater.waiting, conflater.release(20)) == (0, [])


def test_waiting_items_can_be_replaced() -> None:
    conflater: Conflater[str] = Conflater(INTERVAL)
    conflater.offer("a", 1, "first", LATE)

    conflater.replace(str.upper)

    assert conflater.offer("a", 1, "second", LATE) == "FIRST"


def test_any_item_supersedes_one_that_is_ahead_of_the_clock() -> None:
    conflater: Conflater[str] = Conflater(INTERVAL)
    conflater.offer("a", 100, "ahead", clock=100)
    conflater.release(0)

    # The clock was set back.
    assert conflater.offer("a", 50, "now", clock=50) is None
    assert conflater.release(10) == ["now"]
