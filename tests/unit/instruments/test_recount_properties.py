"""Random histories of an instrument that is defined again in the middle of them."""

from __future__ import annotations

from decimal import Decimal as D
from decimal import localcontext
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from position_manager.reference.fold import Instrument
from position_manager.reference.messages import Message
from tests.helpers.account_harness import STATE, Book, expected
from tests.helpers.random_histories import LEGS, Shape, histories, shuffled
from tests.helpers.soak import sized

ASSET = "LINEARUSDT"
RULES = {
    "linear": Instrument(),
    "thousandths": Instrument(D("0.001")),
    "inverse": Instrument(D(100), is_inverse=True),
}
KNOWN = """
    SELECT p.leg, (s.state).size, (s.state).cost, (s.state).realized, (s.state).fees_open,
        (s.state).fees_close, (s.state).funding, (s.state).opened_at, (s.state).closed_at
    FROM pms.positions p
    CROSS JOIN LATERAL pms.leg_state_at(p.account, p.asset, p.mode, p.leg, 'infinity', %s) s
    WHERE p.account = %s AND s.ordinal > 0
"""
SHAPES = st.sampled_from([Shape(ASSET, mode) for mode in LEGS])
CHANCES = st.randoms(use_true_random=True)


def states(rows: dict[Any, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The states of legs that have entries, by leg."""
    return {
        place.leg: {name: row[name] for name in STATE}
        for place, row in rows.items()
        if row["entries"]
    }


def define(book: Book, rule: str) -> dict[str, Instrument]:
    """Define the instrument by a rule; return what the reference knows of it."""
    instrument = RULES[rule]
    kind = "inverse" if instrument.is_inverse else "linear"
    book.ledger.define(ASSET, kind=kind, multiplier=instrument.multiplier)
    return {ASSET: instrument}


@settings(
    max_examples=sized(60, 600),
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(SHAPES.flatmap(histories), CHANCES, st.permutations(list(RULES)))
def test_a_history_counts_by_the_newest_rule_and_was_known_by_the_former(
    book: Book, messages: list[Message], chance: Any, rules: list[str]
) -> None:
    with localcontext(prec=400):
        former = define(book, rules[0])
        begun = messages[: chance.randint(0, len(messages))]
        [account] = book.deliver(shuffled(begun, chance))
        known_at = book.clock()
        present = define(book, rules[1])
        known = states(expected(begun, former))
        assert states(book.stored(account)[0]) == states(expected(begun, present))

        for batch in shuffled(messages, chance):
            book.apply({account: batch})

        assert states(book.stored(account)[0]) == states(expected(messages, present))
        assert states(book.replayed(account)[0]) == states(expected(messages, present))
        found = {
            row[0]: dict(zip(STATE, row[1:], strict=True))
            for row in book.conn.execute(KNOWN, [known_at, account])
        }
        assert found == {leg: state for leg, state in known.items() if leg in found}
        assert known.keys() - found.keys() == set()
