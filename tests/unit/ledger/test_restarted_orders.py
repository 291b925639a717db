"""Order ids that restart: which order under an id a total or an execution belongs to."""

from __future__ import annotations

from decimal import Decimal as D
from itertools import permutations
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, elsewhere, fill, numbered, status
from tests.helpers.owner_queries import OwnerQueries

MONDAY, TUESDAY, WEDNESDAY = "2026-01-05T09:00:00", "2026-01-06T09:00:00", "2026-01-07T09:00:00"
# A total as the former release stored it: without the time of its order.
FORMER = """
    SELECT pms.post_entries(ARRAY[pms.new_entry(
        %(account)s, %(asset)s, 'one-way', 'net', 'trade', %(identity)s, %(quantity)s,
        %(executed_at)s::timestamptz,
        pms.lock_legs(ARRAY[(%(account)s, %(asset)s, 'one-way', 'net')::pms.leg_key]),
        'order_execution', 'trace', order_id => 'o', price => 100, fee => %(quantity)s
    )])
"""


def post_former(
    owner: psycopg.Connection[Any],
    quantity: str,
    account: str = "main",
    asset: str = "BTCUSDT",
    executed_at: str = f"{MONDAY}Z",
) -> None:
    given = {"identity": f"order:o:{quantity}", "quantity": D(quantity)}
    place = {"account": account, "asset": asset, "executed_at": executed_at}
    owner.execute(FORMER.encode(), given | place)


def total(quantity: str, created: str | None, at: str | None = None, **more: Any) -> dict[str, Any]:
    """A total whose fee is its quantity, executed when its order was created unless said."""
    message = status("o", "partially_filled", quantity, "100", quantity, created_at=created, **more)
    return message | {"timestamp": at or created}


def part(name: str, quantity: str, at: str, **more: Any) -> dict[str, Any]:
    return fill(name, "Buy", quantity, "100", quantity, order_id="o", at=f"{at}Z", **more)


def to(account: str, message: dict[str, Any]) -> dict[str, Any]:
    if "order" in message:
        return message | {"order": elsewhere(message["order"], account)}
    return elsewhere(message, account)


def apply_in_batches(
    ledger: Ledger, messages: list[dict[str, Any]], batched: bool, account: str = "main"
) -> None:
    sent = [to(account, each) for each in messages]
    for batch in [sent] if batched else [[each] for each in sent]:
        assert set(ledger.apply(*batch)) <= {"applied", "duplicate"}
    assert ledger.apply(*sent) == ["duplicate"] * len(sent)


EARLIER = "2026-01-05T08:00:00"
# What follows 0.4 that the former release counted on Monday, and how much of it is held then.
AFTER_AN_UPGRADE = {
    "the order goes on": ([total("0.6", EARLIER)], "0.6"),
    "the order goes on without its time": ([total("0.6", None, MONDAY)], "0.6"),
    "the order is sent again": ([total("0.4", EARLIER)], "0.4"),
    "another order has less": ([total("0.3", TUESDAY)], "0.7"),
    "another order has as much": ([total("0.4", TUESDAY)], "0.8"),
    "another order has more": ([total("1", TUESDAY)], "1.4"),
    "two other orders": ([total("0.3", TUESDAY), total("0.2", WEDNESDAY)], "0.9"),
    "the former order goes on late": (
        [total("0.3", TUESDAY), total("0.6", EARLIER), total("0.5", TUESDAY)], "1.1",
    ),
    "the former order goes on late, without its time": (
        [total("0.3", TUESDAY), total("0.6", None, MONDAY)], "0.9",
    ),
    "executions of both": (
        [
            total("0.3", TUESDAY),
            part("a", "0.4", MONDAY),
            part("b", "0.1", MONDAY),
            part("c", "0.3", TUESDAY),
            part("d", "0.1", TUESDAY),
        ],
        "0.9",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", AFTER_AN_UPGRADE.values(), ids=AFTER_AN_UPGRADE)
@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_an_order_that_was_under_way_before_an_upgrade_goes_on_and_another_one_begins(
    case: tuple[list[dict[str, Any]], str],
    batched: bool,
    ledger: Ledger,
    owner: psycopg.Connection[Any],
    queries: OwnerQueries,
) -> None:
    messages, held = case
    post_former(owner, "0.4")

    apply_in_batches(ledger, messages, batched)

    state = queries.state()
    assert (state["size"], state["cost"], state["fees_open"]) == (
        D(held), D(held) * 100, D(held),
    )  # fmt: skip
    queries.assert_sound()


@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_orders_after_an_upgrade_end_alike_in_any_order(
    batched: bool, ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    messages = [
        total("0.6", EARLIER),
        total("0.3", TUESDAY),
        total("0.5", TUESDAY),
        total("0.2", WEDNESDAY),
    ]
    for account, order in numbered(permutations(messages)):
        post_former(owner, "0.4", account)
        apply_in_batches(ledger, list(order), batched, account)
        state = queries.state(account=account)
        assert (state["size"], state["fees_open"]) == (D("1.3"), D("1.3")), order


@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_executions_before_an_order_began_are_of_a_former_one(
    batched: bool, ledger: Ledger, queries: OwnerQueries
) -> None:
    messages = [part("a", "2", MONDAY), part("b", "1", TUESDAY), total("1", TUESDAY)]
    for account, order in numbered(permutations(messages)):
        apply_in_batches(ledger, list(order), batched, account)
        assert queries.state(account=account)["size"] == D(3), order


@pytest.mark.parametrize("total_first", [False, True])
def test_an_execution_may_be_stamped_a_little_before_its_order(
    total_first: bool, ledger: Ledger, queries: OwnerQueries
) -> None:
    messages = [part("a", "1", "2026-01-06T08:59:59.9"), total("1", TUESDAY)]
    apply_in_batches(ledger, messages[::-1] if total_first else messages, batched=False)

    assert queries.state()["size"] == D(1)


def test_an_execution_without_a_time_is_of_the_newest_order(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(total("1", MONDAY), total("2", TUESDAY))
    timeless = {
        "event_type": "position_updated_from_order", "order_id": "o", "asset": "BTCUSDT",
        "side": "Buy", "filled_quantity": "2", "execution_price": "100", "mode": "one-way",
        "trace_id": "timeless",
    }  # fmt: skip

    assert ledger.apply(timeless) == ["duplicate"]
    assert queries.state()["size"] == D(3)


@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_a_total_without_the_time_of_its_order_is_of_the_order_of_its_time(
    batched: bool, ledger: Ledger, queries: OwnerQueries
) -> None:
    messages = [
        total("2", None, MONDAY),
        total("1", TUESDAY),
        total("3", None, MONDAY),
        total("1.5", None, WEDNESDAY),
        total("2", None, WEDNESDAY),
    ]
    apply_in_batches(ledger, messages, batched)

    assert queries.state()["size"] == D(5)
    identities = queries.rows("SELECT e.identity FROM pms.ledger_entries e")
    assert len({row["identity"] for row in identities}) == len(identities)


def test_a_total_without_the_time_of_its_order_counts_once_when_a_newer_one_becomes_known(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    nameless = total("2", None, WEDNESDAY)
    ledger.apply(total("1", MONDAY))
    assert ledger.apply(nameless) == ["applied"]
    assert ledger.apply(total("1", TUESDAY)) == ["applied"]

    assert ledger.apply(nameless) == ["duplicate"]
    assert queries.state()["size"] == D(3)
    assert ledger.apply(total("2", None, TUESDAY)) == ["applied"]
    assert queries.state()["size"] == D(4)


def test_a_total_that_cannot_be_applied_is_no_duplicate_of_that_of_a_former_order(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    post_former(owner, "0.4")
    free = {"average_price": "0"}

    again, other = total("0.4", EARLIER), total("0.4", TUESDAY)
    for message in (again, other):
        message["order"] |= free
    assert ledger.apply(again, other) == ["duplicate", "rejected"]


@pytest.mark.parametrize("created", [MONDAY, None])
def test_a_total_that_could_not_be_applied_any_more_is_a_duplicate_in_any_asset(
    created: str | None, ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    message = total("2", created, WEDNESDAY)
    ledger.apply(total("1", MONDAY), total("1", MONDAY, asset="ETHUSDT"))
    assert ledger.apply(message) == ["applied"]
    owner.execute("UPDATE pms.settings SET unknown_instruments = 'refuse'")

    assert ledger.apply(message) == ["duplicate"]
    assert ledger.apply(message | {"order": message["order"] | {"filled_quantity": "3"}}) == [
        "rejected"
    ]


# Another order under the id, in another asset, and what names no order in the batch with it.
BESIDE = total("1", TUESDAY, asset="ETHUSDT")
ASSETS = {
    "a total without the time of its order": total("3", None, WEDNESDAY),
    "an execution": part("a", "3", WEDNESDAY),
    "a total of another order": total("1", WEDNESDAY),
    "a total of the same order": total("3", MONDAY, WEDNESDAY),
}


@pytest.mark.parametrize("message", ASSETS.values(), ids=ASSETS)
def test_orders_of_two_assets_under_one_id_begin_apart(
    message: dict[str, Any], ledger: Ledger, queries: OwnerQueries
) -> None:
    for account, order in numbered(permutations([BESIDE, message])):
        ledger.apply(to(account, total("2", MONDAY)))
        apply_in_batches(ledger, list(order), True, account)
        assert queries.state(account=account)["size"] == D(3)
        assert queries.state("ETHUSDT", account=account)["size"] == D(1)
    queries.assert_sound()
