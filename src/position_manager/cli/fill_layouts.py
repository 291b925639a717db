"""The layouts of the exports that ``fills import`` reads, as the venues document or write them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from itertools import groupby

from position_manager.cli.fill_formats import (
    AMOUNTS,
    FIELDS,
    NEEDED,
    UNKNOWN,
    Layout,
    Parsed,
    Row,
    Venue,
    absolute,
    amount_in,
    column,
    either,
    in_dict,
    layout,
    negated,
    number,
    one_of,
    side_of_sign,
    written_by_us,
)

TRUE_IS_BUY = {"true": "buy", "false": "sell"}
LONG_IS_BUY = {"long": "buy", "short": "sell"}
# What OKX writes of a trade, by the side and by the leg.
OKX_SIDES = {
    "open long": "buy", "close long": "sell", "open short": "sell", "close short": "buy",
}  # fmt: skip
OKX_LEGS = {
    "buy": "", "sell": "", "open long": "long", "close long": "long", "open short": "short",
    "close short": "short",
}  # fmt: skip
OKX_NO_TRADES = ("transfer", "funding", "interest")

OWN = layout(
    Venue.own,
    "fills export",
    ",".join(NEEDED),
    {name: name if name in AMOUNTS else written_by_us(name) for name in FIELDS},
    is_utc=True,
)

CCXT = layout(
    Venue.ccxt,
    "ccxt trades",
    "id,symbol,side,price,amount",
    {
        "execution_id": "id",
        "order_id": "order",
        "asset": "symbol",
        "side": "side",
        "execution_quantity": "amount",
        "execution_price": "price",
        "execution_fees": either(column("fee.cost", "fee_cost"), in_dict("fee", "cost")),
        "fee_currency": either(column("fee.currency", "fee_currency"), in_dict("fee", "currency")),
        "executed_at": column("datetime", "timestamp"),
    },
    is_utc=True,
)

BINANCE_SPOT = layout(
    Venue.binance,
    "Binance spot trades",
    "date,pair,side,price,executed,amount,fee",
    {
        "asset": "pair",
        "side": "side",
        "execution_quantity": amount_in("executed", "pair", 0),
        "execution_price": number("price"),
        "execution_fees": amount_in("fee", "pair", 0),
        "fee_currency": amount_in("fee", "pair", 1),
        "executed_at": "date",
    },
    has_ids=False,
)
BINANCE_FORMER_SPOT = layout(
    Venue.binance,
    "Binance spot trades, former export",
    "date,market,type,price,amount,total,fee,fee coin",
    {
        "asset": "market",
        "side": "type",
        "execution_quantity": number("amount"),
        "execution_price": number("price"),
        "execution_fees": number("fee"),
        "fee_currency": "fee coin",
        "executed_at": "date",
    },
    has_ids=False,
)
BINANCE_FUTURES = layout(
    Venue.binance,
    "Binance futures trades",
    "time,symbol,side,price,quantity,fee,trade id,order id",
    {
        "execution_id": "trade id",
        "order_id": "order id",
        "asset": "symbol",
        "side": "side",
        "execution_quantity": number("quantity"),
        "execution_price": number("price"),
        "execution_fees": amount_in("fee", "symbol", 0),
        "fee_currency": amount_in("fee", "symbol", 1),
        "executed_at": "time",
    },
)
# GET /api/v3/myTrades and GET /fapi/v1/userTrades.
BINANCE_API = layout(
    Venue.binance,
    "Binance API trades",
    "symbol,id,orderid,price,qty,commission,commissionasset,time",
    {
        "execution_id": "id",
        "order_id": "orderId",
        "asset": "symbol",
        "side": either(column("side"), one_of(column("isbuyer"), TRUE_IS_BUY)),
        "execution_quantity": "qty",
        "execution_price": "price",
        "execution_fees": "commission",
        "fee_currency": "commissionAsset",
        "executed_at": "time",
        "position_side": "positionSide",
    },
    is_utc=True,
)

BYBIT_SPOT = layout(
    Venue.bybit,
    "Bybit spot trades",
    "spot pairs,direction,filled price,filled quantity,transaction id,order no.,timestamp",
    {
        "execution_id": "transaction id",
        "order_id": "order no.",
        "asset": "spot pairs",
        "side": "direction",
        "execution_quantity": "filled quantity",
        "execution_price": "filled price",
        "execution_fees": column("execfeev2", "fees"),
        # A buy pays in the coin that it buys, unless it pays in another one.
        "fee_currency": lambda row: row.get("feecoin", "") or UNKNOWN,
        "executed_at": "timestamp",
    },
)
BYBIT_DERIVATIVES = layout(
    Venue.bybit,
    "Bybit derivatives trades",
    "filled type,filled quantity,filled price,trading fee,direction,order no.,transaction time",
    {
        # As Bybit writes it.
        "execution_id": column("trasaction id", "transaction id"),
        "order_id": "order no.",
        "asset": column("market", "contracts"),
        "side": one_of(column("direction"), LONG_IS_BUY),
        "execution_quantity": "filled quantity",
        "execution_price": "filled price",
        "execution_fees": column("trading fee", "execfeev2"),
        "fee_currency": "feecoin",
        "executed_at": "transaction time",
    },
    skips=lambda row: row["filled type"].casefold() == "funding",
)
# GET /v5/execution/list.
BYBIT_API = layout(
    Venue.bybit,
    "Bybit API executions",
    "symbol,side,orderid,execid,execprice,execqty,execfee,exectime",
    {
        "execution_id": "execId",
        "order_id": "orderId",
        "asset": "symbol",
        "side": "side",
        "execution_quantity": "execQty",
        "execution_price": "execPrice",
        "execution_fees": "execFee",
        "fee_currency": column("feecurrency", "feecoin"),
        "executed_at": "execTime",
    },
    skips=lambda row: row.get("exectype", "").casefold() == "funding",
    is_utc=True,
)


def _is_spot(row: Row) -> bool:
    return row["trade type"].casefold() == "spot"


def _is_quote_row(row: Row) -> bool:
    """Whether a row is the side of a spot trade that was paid or received for the other."""
    base, _, quote = row["symbol"].partition("-")
    return _is_spot(row) and row["balance unit"] == quote != base


def _with_quote_fees(rows: Iterator[Parsed]) -> Iterator[Parsed]:
    """The rows of OKX; a sale on the spot market gets the fee, which is in its quote row.

    Both rows have order, time and price, and of several the larger one is so on both sides.
    """
    for _, together in groupby(rows, key=lambda each: _okx_moment(each.row)):
        group = list(together)
        spot = [each.row for each in group if each.objection is None and _is_spot(each.row)]
        for price in {row["filled price"] for row in spot}:
            of_price = [row for row in spot if row["filled price"] == price]
            sales = [row for row in of_price if not _is_quote_row(row)]
            quotes = [row for row in of_price if _is_quote_row(row)]
            if len(sales) == len(quotes):
                for sale, quote in zip(
                    *(sorted(r, key=_size) for r in (sales, quotes)), strict=True
                ):
                    sale["quote fee"], sale["quote fee unit"] = quote["fee"], quote["fee unit"]
        yield from group


def _okx_moment(row: Row) -> tuple[str | None, ...]:
    return tuple(row.get(name) for name in ("order id", "time", "symbol"))


def _size(row: Row) -> Decimal:
    with suppress(InvalidOperation):
        return abs(Decimal(row["amount"]))
    return Decimal(0)


def _okx_fee(row: Row) -> str:
    is_sale = _is_spot(row) and row["action"].casefold() == "sell"
    return negated(column("quote fee" if is_sale else "fee"))(row) or (UNKNOWN if is_sale else "")


def _okx_fee_unit(row: Row) -> str:
    is_sale = _is_spot(row) and row["action"].casefold() == "sell"
    return row.get("quote fee unit", "") if is_sale else row["fee unit"]


OKX_HISTORY = layout(
    Venue.okx,
    "OKX trading history",
    "id,order id,time,trade type,symbol,action,amount,filled price,fee,fee unit,balance unit",
    {
        "execution_id": "id",
        "order_id": "order id",
        "asset": "symbol",
        "side": one_of(column("action"), OKX_SIDES),
        "execution_quantity": absolute("amount"),
        "execution_price": number("filled price"),
        "execution_fees": _okx_fee,
        "fee_currency": _okx_fee_unit,
        "executed_at": "time",
        "position_side": one_of(column("action"), OKX_LEGS),
    },
    skips=lambda row: (
        row["trade type"].casefold().startswith(OKX_NO_TRADES)
        or row["action"].casefold().startswith(OKX_NO_TRADES)
        or _is_quote_row(row)
    ),
    completes=_with_quote_fees,
)
# GET /api/v5/trade/fills-history.
OKX_API = layout(
    Venue.okx,
    "OKX API fills",
    "instid,tradeid,ordid,side,fillsz,fillpx,fee,feeccy",
    {
        "execution_id": "tradeId",
        "order_id": "ordId",
        "asset": "instId",
        "side": "side",
        "execution_quantity": "fillSz",
        "execution_price": "fillPx",
        "execution_fees": negated(column("fee")),
        "fee_currency": "feeCcy",
        "executed_at": column("filltime", "ts"),
        "position_side": "posSide",
    },
    is_utc=True,
)

IBKR_FLEX = layout(
    Venue.ibkr,
    "Interactive Brokers Flex trades",
    "symbol,quantity,tradeprice,ibcommission,ibcommissioncurrency",
    {
        "execution_id": column("ibexecid", "tradeid", "transactionid"),
        "order_id": column("iborderid", "orderid"),
        "account": column("clientaccountid", "accountid"),
        "asset": "symbol",
        "side": either(column("buy/sell", "buysell"), side_of_sign("quantity")),
        "execution_quantity": absolute("quantity"),
        "execution_price": number("tradeprice"),
        "execution_fees": negated(column("ibcommission")),
        "fee_currency": "ibcommissioncurrency",
        "executed_at": column("datetime", "date/time"),
    },
    # The sums of orders, symbols and lots come beside the executions.
    skips=lambda row: (row.get("levelofdetail") or "execution").casefold() != "execution",
)


def _without_parts(rows: Iterator[Parsed]) -> Iterator[Parsed]:
    """The rows of a statement; executions are known as parts of the order that they follow."""
    order = None
    for each in rows:
        row = each.row
        kind = row.get("datadiscriminator", "").casefold()
        if kind == "order":
            order = (row["currency"], row["symbol"])
        elif kind == "trade" and order == (row["currency"], row["symbol"]):
            row["of order"] = "yes"
        yield each


IBKR_ACTIVITY = layout(
    Venue.ibkr,
    "Interactive Brokers activity statement",
    "datadiscriminator,currency,symbol,date/time,quantity,t. price",
    {
        "asset": "symbol",
        "side": side_of_sign("quantity"),
        "execution_quantity": absolute("quantity"),
        "execution_price": number("t. price"),
        "execution_fees": negated(column("comm/fee", "comm in usd")),
        "fee_currency": lambda row: "USD" if "comm in usd" in row else row["currency"],
        "executed_at": "date/time",
    },
    # A statement may have orders, with or without their executions below, or executions alone. It
    # has the lots that were closed as well.
    skips=lambda row: (
        row["datadiscriminator"].casefold() not in {"order", "trade"} or "of order" in row
    ),
    completes=_without_parts,
    has_ids=False,
)

LAYOUTS: tuple[Layout, ...] = (
    OWN, CCXT, BINANCE_SPOT, BINANCE_FORMER_SPOT, BINANCE_FUTURES, BINANCE_API, BYBIT_SPOT,
    BYBIT_DERIVATIVES, BYBIT_API, OKX_HISTORY, OKX_API, IBKR_FLEX, IBKR_ACTIVITY,
)  # fmt: skip
