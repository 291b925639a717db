"""/rest/rpc/get_caller: what the key of a request may do."""

from __future__ import annotations

import pytest

from tests.helpers.service import Service


@pytest.mark.parametrize("role", ["reader", "trader", "operator"])
@pytest.mark.parametrize("accounts", [None, ["main", "other"]])
def test_a_caller_learns_its_role(service: Service, role: str, accounts: list[str] | None) -> None:
    key = service.new_key(role, accounts=accounts)

    answer = service.get("/rest/rpc/get_caller", key=key)

    assert answer.json() == {"role": role, "accounts": accounts}
