"""The cash of an account: what moves it, and the balances that this gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from position_manager.reference.fold import EXACT
from position_manager.simulation import market
from position_manager.simulation.comparison import Mismatch, total
from position_manager.simulation.expectation import Figures
from position_manager.simulation.ledger import Service
from position_manager.simulation.shapes import plain

USDT = "USDT"
RATE = market.euro().symbol
EUR = RATE.removesuffix(USDT)
CURRENCIES = (USDT, EUR)

RECORD = """
    SELECT api.record_cash(
        %(cash_id)s, %(kind)s, %(currency)s, %(amount)s, account => %(account)s,
        effective_at => %(at)s
    )
"""
BALANCES = "SELECT api.get_cash(account => %(account)s)"
EQUITY = "SELECT api.get_portfolio(account => %(account)s)"


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement of cash; `share` of the session has passed when it happens."""

    kind: str
    amount: Decimal
    currency: str
    share: Decimal

    @property
    def signed(self) -> Decimal:
        """The amount, below 0 where cash leaves."""
        return self.amount.copy_negate() if self.kind == "withdrawal" else self.amount


MOVEMENTS = tuple(
    Movement(kind, Decimal(amount), currency, Decimal(share))
    for kind, amount, currency, share in (
        ("deposit", "200000", USDT, "0"),
        ("deposit", "40000", EUR, "0.2"),
        ("interest", "812.45", USDT, "0.5"),
        ("interest", "-37.18", EUR, "0.5"),
        ("withdrawal", "15000", USDT, "0.8"),
    )
)


def record(service: Service, account: str, run: str, begin: datetime, end: datetime) -> None:
    """Record the movements of a session in an account."""
    for number, each in enumerate(MOVEMENTS, start=1):
        at = begin + (end - begin) * float(each.share)
        service.query(
            RECORD, cash_id=f"demo-{run}-{number}", kind=each.kind, currency=each.currency,
            amount=plain(each.amount), account=account, at=at.isoformat(),
        )  # fmt: skip


def compare_cash(
    service: Service, account: str, held: Iterable[Figures], euro: Decimal
) -> Iterator[Mismatch]:
    """The figures of the cash of an account that differ, where it has these movements alone.

    `held`: all that the account holds; `euro`: the rate of its second currency.
    """
    positions = [*held]
    net = total(each.net_pnl for each in positions)
    settled = EXACT.subtract(net, total(each.unrealized_pnl for each in positions))
    cash = {
        currency: total(each.signed for each in MOVEMENTS if each.currency == currency)
        for currency in CURRENCIES
    }
    balances = {USDT: EXACT.add(cash[USDT], settled), EUR: cash[EUR]}
    worth = EXACT.add(cash[USDT], EXACT.multiply(cash[EUR], euro))
    ((answer,),) = service.query(BALANCES, account=account)
    ((portfolio,),) = service.query(EQUITY, account=account)
    found = {each["currency"]: each for each in answer["balances"]}
    for asset, name, theirs, ours in (
        *((each, "cash", found.get(each, {}).get("cash"), cash[each]) for each in cash),
        *((each, "balance", found.get(each, {}).get("balance"), balances[each]) for each in cash),
        ("", "cash_usdt", portfolio["cash_usdt"], worth),
        ("", "equity_usdt", portfolio["equity_usdt"], EXACT.add(worth, net)),
    ):
        if theirs is None or Decimal(theirs) != ours:
            yield Mismatch(asset, name, str(theirs), str(ours))
