"""The client of PostgREST that users of Supabase know, below /rest/."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from postgrest import APIError, SyncPostgrestClient

from tests.helpers.service import Service

EXACT = "1.000000000000000001"


def client_with(service: Service, key: str) -> SyncPostgrestClient:
    return SyncPostgrestClient(f"{service.url}/rest", headers={"X-API-Key": key})


@pytest.fixture
def client(service: Service) -> Iterator[SyncPostgrestClient]:
    """A client with the operator's key."""
    with client_with(service, service.key) as found:
        yield found


def fill(account: str, asset: str) -> dict[str, Any]:
    return {
        "execution_id": account, "account": account, "asset": asset, "side": "buy",
        "quantity": EXACT, "price": 100,
    }  # fmt: skip


def test_a_fill_is_recorded_and_read_exactly(
    client: SyncPostgrestClient, account: str, asset: str
) -> None:
    recorded = client.rpc("record_fill", fill(account, asset)).execute()
    answer: Any = recorded.data
    assert answer["outcome"] == "applied"

    columns = "asset,size::text,average_entry_price::text"
    query = client.table("positions").select(columns).eq("account", account)
    # A filter compares numbers, whatever is selected.
    found = query.gt("size", "1").execute()
    assert found.data == [{"asset": asset, "size": EXACT, "average_entry_price": "100"}]
    assert query.gt("size", EXACT).execute().data == []


def test_an_error_has_the_code_of_postgrest(client: SyncPostgrestClient) -> None:
    with pytest.raises(APIError) as unknown:
        client.table("positions").select("nothing").execute()
    assert (unknown.value.code, unknown.value.message) == (
        "PT400", "column positions.nothing does not exist",
    )  # fmt: skip

    with pytest.raises(APIError) as several:
        client.table("positions").select("*").eq("account", "nobody").single().execute()
    assert several.value.code == "PGRST116"


def test_an_unknown_field_is_refused_by_its_name(
    client: SyncPostgrestClient, account: str, asset: str
) -> None:
    with pytest.raises(APIError, match="comment: unknown field"):
        client.rpc("record_fill", fill(account, asset) | {"comment": "a"}).execute()


def test_a_position_embeds_its_fills_snapshots_price_and_instrument(
    service: Service, client: SyncPostgrestClient, account: str, asset: str
) -> None:
    for quantity in ("2", "-0.5"):
        service.fill(account, asset, quantity)
    service.fill(account, f"OTHER{asset}")
    service.mark(asset, EXACT)
    client.rpc("create_snapshot", {"asset": asset, "account": account}).execute()

    embedded = (
        "asset,fills(side,quantity::text),snapshots(size::text),prices(mark_price::text),"
        "instruments(kind,settlement_currency)"
    )
    query = client.table("positions").select(embedded).eq("account", account).eq("asset", asset)
    assert query.execute().data == [
        {
            "asset": asset,
            "fills": [{"side": "buy", "quantity": "2"}, {"side": "sell", "quantity": "-0.5"}],
            "snapshots": [{"size": "1.5"}],
            "prices": {"mark_price": EXACT},
            "instruments": {"kind": "linear", "settlement_currency": "USDT"},
        }
    ]

    # The embedded rows have conditions and an order of their own, and may be required.
    newest = client.table("positions").select("asset,fills!inner(side)").eq("account", account)
    sold = newest.eq("fills.side", "sell").order("id", foreign_table="fills").limit(1)
    assert sold.execute().data == [{"asset": asset, "fills": [{"side": "sell"}]}]


def test_a_bound_key_embeds_rows_of_its_accounts_only(
    service: Service, account: str, asset: str
) -> None:
    for holder in (account, f"{account}-foreign"):
        service.fill(holder, asset)
        service.post("/rest/rpc/create_snapshot", json={"asset": asset, "account": holder})

    columns = "asset,positions(account,fills(account),snapshots(account))"
    with client_with(service, service.new_key("reader", accounts=[account])) as bound:
        found = bound.table("instruments").select(columns).eq("asset", asset).execute()

    mine = {"account": account}
    assert found.data == [
        {"asset": asset, "positions": [{**mine, "fills": [mine], "snapshots": [mine]}]}
    ]


def test_a_name_that_is_no_column_of_an_embedded_view_is_refused(
    client: SyncPostgrestClient,
) -> None:
    for columns in ("asset,fills(nothing)", "asset,fills"):
        with pytest.raises(APIError) as unknown:
            client.table("positions").select(columns).execute()
        assert unknown.value.code == "PT400"
