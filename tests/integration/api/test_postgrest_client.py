"""The client of PostgREST that users of Supabase know, below /rest/."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from postgrest import APIError, SyncPostgrestClient

from tests.helpers.service import Service

EXACT = "1.000000000000000001"


@pytest.fixture
def client(service: Service) -> Iterator[SyncPostgrestClient]:
    """A client with the operator's key."""
    url, headers = f"{service.url}/rest", {"X-API-Key": service.key}
    with SyncPostgrestClient(url, headers=headers) as found:
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
    with pytest.raises(APIError, match="strategy: unknown field"):
        client.rpc("record_fill", fill(account, asset) | {"strategy": "a"}).execute()
