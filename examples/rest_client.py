"""Record a fill and read the position over HTTP.

Reads POSITION_MANAGER_URL and POSITION_MANAGER_API_KEY; `make up` writes both to `.stack/env`.
"""

from __future__ import annotations

import os
from decimal import Decimal

import httpx

ACCOUNT = "example-rest"
ASSET = "BTCUSDT"


def main() -> None:
    with httpx.Client(
        base_url=os.environ["POSITION_MANAGER_URL"],
        headers={"X-API-Key": os.environ["POSITION_MANAGER_API_KEY"]},
        timeout=10,
    ) as client:
        fill = {
            "execution_id": "rest-1",
            "account": ACCOUNT,
            "asset": ASSET,
            "side": "buy",
            "execution_quantity": "0.25",
            "execution_price": "48000.10",
            "execution_fees": "6",
            "executed_at": "2026-01-05T10:00:00Z",
        }
        # A repeated request is safe: the second one is a duplicate.
        for _ in range(2):
            response = client.post("/rest/rpc/record_fill", json=fill).raise_for_status()
            print("outcome:", response.json()["outcome"])

        position = client.get(
            f"/api/v1/positions/{ASSET}", params={"account": ACCOUNT}
        ).raise_for_status()
        # Amounts are strings: convert them to Decimal, never to float.
        size = Decimal(position.json()["size"])
        average = Decimal(position.json()["average_entry_price"])
        print("size:", size, "average:", average, "cost:", size * average)

        missing = client.get("/api/v1/positions/NONE", params={"account": ACCOUNT})
        print("error:", missing.status_code, missing.json()["error_code"])


if __name__ == "__main__":
    main()
