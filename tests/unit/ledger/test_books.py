"""Books: what each strategy of an account holds, beside the account."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.helpers.adjustments import adjust
from tests.helpers.ledger import Ledger, action, bust, correction, fill, funding
from tests.helpers.owner_queries import OwnerQueries

pytestmark = pytest.mark.usefixtures("verified")

# Size, cost, realized with funding.
Held = tuple[Decimal | int, Decimal | int, Decimal | int]
Books = Callable[..., dict[str, Held]]

HELD = """
    SELECT pms.book_of(p.account) AS book, p.size, p.cost, p.realized + p.funding AS realized
    FROM pms.positions p
    WHERE pms.base_account(p.account) = %(account)s
        AND pms.is_book(p.account)
        AND p.asset = %(asset)s
        AND p.version > 0
"""
PLAIN = fill("plain", "Buy", "4", "100")
ALPHA = fill("alpha", "Buy", "2", "130", at="2026-01-01T01:00:00Z", strategy="alpha")
BETA = fill("beta", "Sell", "3", "120", at="2026-01-01T02:00:00Z", book="beta")


@pytest.fixture
def books(queries: OwnerQueries) -> Books:
    """Reads the books of an asset: size, cost, realized with funding."""

    def read(account: str = "main", asset: str = "BTCUSDT") -> dict[str, Held]:
        return {
            row["book"]: (row["size"], row["cost"], row["realized"])
            for row in queries.rows(HELD, account=account, asset=asset)
        }

    return read


def test_each_strategy_has_a_position_of_its_own(ledger: Ledger, books: Books) -> None:
    assert ledger.apply(PLAIN, ALPHA, BETA) == ["applied"] * 3

    assert books() == {"unassigned": (4, 400, 0), "alpha": (2, 260, 0), "beta": (-3, -360, 0)}
    assert ledger.position()["size"] == 3
    assert ledger.position()["cost_basis"] == 330
    assert ledger.position()["realized_pnl"] == 30


def test_an_account_without_strategies_has_no_books(ledger: Ledger, books: Books) -> None:
    ledger.apply(PLAIN, PLAIN | {"execution_id": "blank", "strategy": " "})
    ledger.apply(fill("named", "Buy", "1", "1", strategy="unassigned"))

    assert books() == {}


def test_the_first_strategy_divides_the_history(
    ledger: Ledger, books: Books, queries: OwnerQueries
) -> None:
    ledger.apply(PLAIN, funding("f", "-3"))
    ledger.apply(fill("sold", "Sell", "1", "110", at="2026-01-01T00:30:00Z"))
    ledger.apply(bust("sold"))
    known = queries.rows("SELECT clock_timestamp() AS at")[0]["at"]

    ledger.apply(ALPHA)

    assert books() == {"unassigned": (4, 400, -3), "alpha": (2, 260, 0)}
    # Its state as known before is that of the book as well.
    before = queries.rows(
        "SELECT (s.state).size FROM pms.leg_state_at('main|unassigned', 'BTCUSDT', 'one-way',"
        " 'net', '2026-01-01T00:15:00Z', %(known)s) s",
        known=known,
    )
    assert before == [{"size": 4}]


def test_a_fill_of_another_account_divides_nothing(ledger: Ledger, books: Books) -> None:
    ledger.apply(PLAIN | {"account": "other"}, ALPHA)

    assert books("other") == {}
    assert books() == {"alpha": (2, 260, 0)}


def test_the_same_fill_with_another_strategy_is_a_conflict(ledger: Ledger, books: Books) -> None:
    ledger.apply(PLAIN, ALPHA)
    before = books()

    judged = ledger.judge("apply_order_events", [ALPHA | {"strategy": "beta"}])
    assert [(outcome, reason) for outcome, reason, _ in judged] == [
        ("rejected", "identity_conflict")
    ]
    judged = ledger.judge("apply_order_events", [PLAIN | {"strategy": "beta"}])
    assert judged[0][:2] == ("rejected", "identity_conflict")
    assert books() == before


def test_a_conflict_divides_no_account(ledger: Ledger, books: Books) -> None:
    ledger.apply(PLAIN)

    assert ledger.apply(PLAIN | {"strategy": "beta"}) == ["rejected"]
    assert books() == {}


def test_the_same_fill_without_its_strategy_is_a_duplicate(ledger: Ledger, books: Books) -> None:
    ledger.apply(ALPHA)

    repeated = {key: value for key, value in ALPHA.items() if key != "strategy"}
    assert ledger.apply(ALPHA, repeated, repeated | {"tag": "alpha"}) == ["duplicate"] * 3
    assert books() == {"alpha": (2, 260, 0)}


def test_two_strategies_for_one_fill_in_one_batch_are_a_conflict(
    ledger: Ledger, books: Books
) -> None:
    assert ledger.apply(ALPHA, ALPHA | {"strategy": "beta"}) == ["applied", "rejected"]
    assert books() == {"alpha": (2, 260, 0)}


@pytest.mark.parametrize("strategy", ["a|b", "x" * 65, "<b>", "tab\tin"])
def test_a_strategy_that_is_no_name_is_refused_by_field(ledger: Ledger, strategy: str) -> None:
    [(outcome, reason, detail)] = ledger.judge(
        "apply_order_events", [ALPHA | {"strategy": strategy}]
    )
    assert (outcome, reason) == ("rejected", "invalid_strategy")
    assert detail.startswith("strategy: ")


def test_a_bust_and_a_correction_follow_the_fill_into_its_book(
    ledger: Ledger, books: Books
) -> None:
    ledger.apply(ALPHA, BETA)

    ledger.apply(correction("alpha", execution_quantity="5"), bust("beta"))

    assert books() == {"alpha": (5, 650, 0), "beta": (0, 0, 0)}


def test_an_adjustment_belongs_to_unassigned(ledger: Ledger, books: Books, dsn: str) -> None:
    ledger.apply(PLAIN, ALPHA)

    adjust(dsn, "2026-01-02T00:00:00Z", "5", "550")

    # One unit left the account at its average: the book that names no strategy bears it at that
    # value, against its own average of 100.
    assert books()["alpha"] == (2, 260, 0)
    size, cost, realized = books()["unassigned"]
    assert size == 3
    assert realized - cost == -400 + 110


def test_a_late_fill_before_an_adjustment_leaves_the_sum_right(
    ledger: Ledger, books: Books, dsn: str
) -> None:
    ledger.apply(PLAIN, ALPHA)
    adjust(dsn, "2026-01-02T00:00:00Z", "5", "550")

    ledger.apply(fill("late", "Buy", "1", "90", at="2026-01-01T00:30:00Z", tag="alpha"))

    assert ledger.position()["size"] == 5
    assert sum(size for size, _, _ in books().values()) == 5
    assert books()["alpha"][0] == 3


def test_a_split_that_rounds_leaves_the_sum_right(ledger: Ledger, books: Books) -> None:
    ledger.apply(fill("a", "Buy", "1", "10", strategy="alpha"))
    ledger.apply(fill("b", "Buy", "1", "10", strategy="beta"))

    ledger.apply(action("s", "split", ratio="1:3"))

    third = Decimal("0.333333333333333333")
    held = books()
    assert held["alpha"] == held["beta"] == (third, 10, 0)
    assert held["unassigned"][0] == Decimal("1e-18")
    assert ledger.position()["size"] == 2 * third + Decimal("1e-18")


def test_hedge_legs_have_books_of_their_own(ledger: Ledger, queries: OwnerQueries) -> None:
    legs = {"mode": "hedge", "position_side": "long"}
    ledger.apply(ALPHA | legs, BETA | legs | {"position_side": "short"})

    rows = queries.rows(
        "SELECT p.account, p.leg, p.size FROM pms.positions p"
        " WHERE pms.is_book(p.account) AND p.version > 0 ORDER BY 1"
    )
    assert [(row["account"], row["leg"], row["size"]) for row in rows] == [
        ("main|alpha", "long", 2),
        ("main|beta", "short", -3),
    ]


def test_a_fill_moves_to_another_book_from_its_time_on(ledger: Ledger, books: Books) -> None:
    ledger.apply(PLAIN, ALPHA)
    moved = {"move_id": "m1", "identity": "execution:plain", "to_book": "beta"}

    assert ledger.call("move_to_book", **moved)["outcome"] == "applied"
    assert ledger.call("move_to_book", **moved)["outcome"] == "duplicate"
    other = ledger.call("move_to_book", **moved | {"to_book": "alpha"})
    assert other["error_code"] == "CONFLICT"

    assert books() == {"unassigned": (0, 0, 0), "alpha": (2, 260, 0), "beta": (4, 400, 0)}
    # Sent again as it was, it is known; its bust finds it where it counts.
    assert ledger.apply(PLAIN) == ["duplicate"]
    ledger.apply(correction("plain", execution_quantity="3"))
    assert books()["beta"] == (3, 300, 0)
    back = {"move_id": "m2", "identity": "execution:plain", "to_book": "unassigned"}
    done = ledger.call("move_to_book", **back)
    assert done.get("outcome") == "applied", done
    assert books()["unassigned"] == (3, 300, 0)
    assert books()["beta"][0] == 0
    ledger.apply(bust("plain"))
    assert books()["unassigned"] == (0, 0, 0)
    assert ledger.position()["size"] == 2


def test_a_quantity_moves_between_books_at_cost_or_at_a_price(ledger: Ledger, books: Books) -> None:
    ledger.apply(PLAIN, ALPHA)
    half = {"asset": "BTCUSDT", "quantity": "1"}

    done = ledger.call("move_to_book", move_id="q1", to_book="beta", **half)
    assert done["outcome"] == "applied"
    assert books() == {"unassigned": (3, 300, 0), "alpha": (2, 260, 0), "beta": (1, 100, 0)}
    priced = {"from_book": "alpha", "price": "150", **half}
    assert ledger.call("move_to_book", move_id="q2", to_book="beta", **priced)["outcome"]
    assert books() == {"unassigned": (3, 300, 0), "alpha": (1, 130, 20), "beta": (2, 250, 0)}
    more = ledger.call("move_to_book", move_id="q3", to_book="beta", asset="BTCUSDT", quantity="9")
    assert more["error_code"] == "CONFLICT"
    assert ledger.position()["size"] == 6


def test_a_move_divides_an_account_that_had_no_books(ledger: Ledger, books: Books) -> None:
    ledger.apply(PLAIN)

    done = ledger.call("move_to_book", move_id="q", to_book="beta", asset="BTCUSDT", quantity="1")

    assert done["outcome"] == "applied"
    assert books() == {"unassigned": (3, 300, 0), "beta": (1, 100, 0)}


def test_a_refused_move_divides_nothing(ledger: Ledger, books: Books) -> None:
    ledger.apply(PLAIN)
    too_much = {"move_id": "q", "to_book": "b", "asset": "BTCUSDT", "quantity": "5"}

    assert ledger.call("move_to_book", **too_much)["error_code"] == "CONFLICT"
    unknown = {"move_id": "q", "to_book": "b", "identity": "execution:none"}
    assert ledger.call("move_to_book", **unknown)["error_code"] == "NOT_FOUND"
    assert books() == {}


def test_a_move_names_the_field_that_is_wrong(ledger: Ledger) -> None:
    refused = ledger.call("move_to_book", move_id="m", asset="BTCUSDT", quantity="0", to_book="a|b")

    assert refused["error_code"] == "VALIDATION_ERROR"
    assert set(refused["details"]) == {"quantity", "to_book"}


def test_taking_a_conflict_moves_the_fill_to_its_book(ledger: Ledger, books: Books) -> None:
    ledger.apply(ALPHA)
    ledger.apply(ALPHA | {"strategy": "beta"})
    with ledger.operator.transaction():
        [(conflict,)] = ledger.operator.execute("SELECT c.id FROM api.conflicts c").fetchall()

    assert ledger.call("settle_conflict", id=conflict, decision="take")["outcome"] == "taken"

    assert books()["beta"] == (2, 260, 0)
    assert books()["alpha"][0] == 0
