"""The consumers read positions without a change on their side."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.helpers.consumers import ModelService, OrderManager
from tests.helpers.service import Service

# They use the account main and the total exposure, so they run one after the other.
pytestmark = pytest.mark.xdist_group("consumers")


@pytest.fixture(scope="module")
def order_manager(service: Service, reader_key: str) -> OrderManager:
    return OrderManager(service.url, reader_key)


@pytest.fixture(scope="module")
def model_service(service: Service, reader_key: str) -> ModelService:
    return ModelService(service.url, reader_key)


@pytest.fixture
def flat_asset(service: Service, asset: str) -> Iterator[str]:
    """An asset of the consumers' account, flat again after the test."""
    yield asset
    for name in (asset, f"{asset}OTHER"):
        held = Decimal(service.get(f"/api/v1/positions/{name}").json().get("size", 0))
        if held:
            service.fill("main", name, f"{-held:f}", "100")


def test_an_order_depends_on_the_position(
    service: Service, order_manager: OrderManager, flat_asset: str
) -> None:
    asset = flat_asset
    assert order_manager.position(asset) is None

    service.fill("main", asset, "0.4", "50000", execution_fees="10")
    held = order_manager.position(asset)
    assert held is not None
    assert (held["asset"], held["mode"], float(held["size"])) == (asset, "one-way", 0.4)
    assert float(held["average_entry_price"]) == 50000

    service.fill("main", asset, "-0.4", "50000")
    closed = order_manager.position(asset)
    assert closed is not None
    assert float(closed["size"]) == 0
    assert closed["average_entry_price"] is None


def test_exposure_grows_with_each_purchase(
    service: Service, order_manager: OrderManager, flat_asset: str
) -> None:
    service.mark(flat_asset, "1000000")
    before = order_manager.exposure()

    service.fill("main", flat_asset, "1000", "1000000")

    # Other tests trade at the same time, but far smaller amounts.
    assert order_manager.exposure() - before == pytest.approx(1e9, rel=0.01)


@pytest.mark.parametrize(
    ("price", "takes_profit"), [("103", False), ("103.01", True), ("97", False)]
)
def test_profits_above_three_percent_are_taken(
    service: Service,
    model_service: ModelService,
    flat_asset: str,
    price: str,
    takes_profit: bool,
) -> None:
    service.fill("main", flat_asset, "2", "100")
    service.mark(flat_asset, price)

    assert model_service.signals(flat_asset)["take_profit"] is takes_profit


def test_a_dominant_position_is_not_increased(
    service: Service, model_service: ModelService, flat_asset: str
) -> None:
    assert model_service.signals(flat_asset) == {"take_profit": False, "may_buy": True}

    for name in (flat_asset, f"{flat_asset}OTHER"):
        service.fill("main", name, "1000000", "100")
        service.mark(name, "100")
    assert model_service.signals(flat_asset)["may_buy"]

    service.fill("main", flat_asset, "100000000", "100")
    assert not model_service.signals(flat_asset)["may_buy"]


def test_a_position_without_a_price_can_be_read(
    service: Service, model_service: ModelService, flat_asset: str
) -> None:
    service.fill("main", flat_asset, "2", "100")

    assert model_service.signals(flat_asset) == {"take_profit": False, "may_buy": True}
