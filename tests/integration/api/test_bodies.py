"""Recording with a JSON body below /api/v1: fills, amendments, prices and the like."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest

from tests.helpers.service import Service, assert_refused

FILLS = "/api/v1/fills"


def fill(account: str, name: str, **fields: object) -> dict[str, object]:
    return {
        "execution_id": uuid.uuid4().hex,
        "account": account,
        "asset": name,
        "side": "buy",
        "quantity": "2",
        "price": "100",
    } | fields


def held(service: Service, account: str, asset: str) -> dict[str, Any]:
    answer = service.get(f"/api/v1/positions/{asset}", params={"account": account})
    found: dict[str, Any] = answer.json()
    assert answer.status_code == 200, found
    return found


def send(service: Service, path: str, body: str | bytes, **options: Any) -> httpx.Response:
    """Send a body as it is written."""
    headers = {"Content-Type": "application/json"} | options.pop("headers", {})
    return service.post(path, content=body, headers=headers, **options)


def test_a_fill_counts_once(service: Service, account: str, asset: str) -> None:
    one = fill(account, asset)
    answers = [service.post(FILLS, json=one) for _ in range(2)]
    changed = service.post(FILLS, json=one | {"price": "101"})

    assert [each.json()["outcome"] for each in answers] == ["applied", "duplicate"]
    assert_refused(changed, 409)
    assert held(service, account, asset)["size"] == "2"


def test_numbers_and_strings_are_taken_exactly(service: Service, account: str, asset: str) -> None:
    written = ['"1.000000000000000001"', "1.000000000000000001", "12345678901234567.123456789"]
    for number in written:
        body = json.dumps(fill(account, asset)).replace('"quantity": "2"', f'"quantity": {number}')
        assert number in body
        assert send(service, FILLS, body).json()["outcome"] == "applied"

    assert held(service, account, asset)["size"] == "12345678901234569.123456789000000002"


@pytest.mark.parametrize("names", ["quantity price fee asset", "execution_quantity "
                                   "execution_price execution_fees symbol"])  # fmt: skip
def test_a_field_has_two_names(service: Service, account: str, asset: str, names: str) -> None:
    one = fill(account, asset)
    for name in ("quantity", "price", "asset"):
        del one[name]
    named = dict(zip(names.split(), ("3", 10, "0.5", asset), strict=True))
    assert service.post(FILLS, json=one | named).json()["outcome"] == "applied"

    position = held(service, account, asset)
    assert (position["size"], position["average_entry_price"]) == ("3", "10")
    assert position["fees_paid"] == "0.5"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"comment": "a"}, "comment: unknown field"),
        ({"pms_a_secret": "a"}, "(key): unknown field"),
        ({"execution_price": "1"}, "execution_price: is another name of a field that is given as "
                                   "well"),
        ({"asset": 7203}, "asset: must be a text"),
        ({"order_id": 1.5}, "order_id: must be a text or a whole number"),
        ({"fee": [1]}, "fee: must be a text or a number"),
        ({"quantity": -1}, "quantity: must be a decimal > 0"),
        ({"price": None}, "price: must be a decimal > 0"),
        ({"side": "up"}, "side: must be buy or sell"),
        ({"executed_at": "yesterday"}, "executed_at: must be an ISO 8601 time"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", [FILLS, "/rest/rpc/record_fill"])
def test_a_bad_field_is_refused_by_name(
    service: Service, account: str, asset: str, path: str, fields: dict[str, Any], message: str
) -> None:
    answer = service.post(path, json=fill(account, asset, **fields))

    body = assert_refused(answer, 400)
    assert body["message"].startswith(message)
    assert body["details"]["field"] == message.partition(":")[0]
    position = service.get(f"/api/v1/positions/{asset}", params={"account": account})
    assert position.status_code == 404


def test_an_array_answers_counts_at_the_top(service: Service, account: str, asset: str) -> None:
    one, two = fill(account, asset), fill(account, asset)
    bad = fill(account, asset, comment="a")
    answer = service.post(FILLS, json=[one, bad, 7, one, two])

    body = answer.json()
    assert answer.status_code == 200, body
    counts = {name: body[name] for name in ("applied", "duplicate", "rejected", "other")}
    assert counts == {"applied": 2, "duplicate": 1, "rejected": 2, "other": 0}
    assert [each["outcome"] for each in body["outcomes"]] == [
        "applied", "rejected", "rejected", "duplicate", "applied",
    ]  # fmt: skip
    assert [each["ordinal"] for each in body["outcomes"]] == [1, 2, 3, 4, 5]
    assert body["outcomes"][1]["detail"] == "comment: unknown field"
    assert held(service, account, asset)["size"] == "4"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"7", b'"x"', b"null", b"[]", b"\xff", b'{"asset": "\x00"}', b"[" * 20_000,
     b'{"execution_id": "a", "quantity": 1e99999}', b'{"execution_id": "a", "fee": 1e-9999}'],
)  # fmt: skip
def test_a_body_that_is_no_event_is_refused(service: Service, body: bytes) -> None:
    for path in (FILLS, "/api/v1/prices", "/api/v1/funding", "/api/v1/transfers"):
        assert assert_refused(send(service, path, body), 400)["details"]


def test_a_body_may_have_256_kb(service: Service) -> None:
    padding = b" " * (262_144 - 2)

    assert_refused(send(service, FILLS, b"{" + padding + b"}"), 400)
    assert_refused(send(service, FILLS, b"{ " + padding + b"}"), 413)


def test_a_body_is_read_in_chunks(service: Service, account: str, asset: str) -> None:
    body = json.dumps(fill(account, asset)).encode()
    answer = service.post(FILLS, content=iter([body[:9], body[9:]]))

    assert answer.json()["outcome"] == "applied"


def test_a_repeated_request_has_its_first_answer(
    service: Service, account: str, asset: str
) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    one = fill(account, asset)
    first, second = (service.post(FILLS, json=one, headers=headers) for _ in range(2))
    other = service.post(FILLS, json=fill(account, asset), headers=headers)

    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert_refused(other, 409)


def test_a_fill_is_corrected_and_busted(service: Service, account: str, asset: str) -> None:
    one = fill(account, asset, execution_id=f"a/b {uuid.uuid4()}")
    service.post(FILLS, json=one)
    path = f"{FILLS}/{str(one['execution_id']).replace('/', '%2F').replace(' ', '%20')}"

    correction = {
        "account": account, "correction_id": uuid.uuid4().hex, "price": 90,
        "corrected_at": "2026-01-31T12:00:00Z",
    }  # fmt: skip
    done = service.post(f"{path}/correct", json=correction)
    assert done.json()["outcome"] == "applied", done.text
    assert held(service, account, asset)["average_entry_price"] == "90"

    identity = f"{FILLS}/execution:{path.partition('fills/')[2]}"
    for name, outcome in ((path, "applied"), (identity, "duplicate")):
        bust = service.post(f"{name}/bust", json={"account": account})
        assert bust.json()["outcome"] == outcome, bust.text
    assert held(service, account, asset)["size"] == "0"


def test_a_bust_needs_no_body(service: Service, asset: str) -> None:
    one = fill("main", asset)
    service.post(FILLS, json=one)

    assert service.post(f"{FILLS}/{one['execution_id']}/bust").json()["outcome"] == "applied"
    assert held(service, "main", asset)["size"] == "0"


@pytest.mark.parametrize(
    ("command", "fields", "field"),
    [
        ("bust", {"execution_id": "b"}, "execution_id"),
        ("bust", {"price": "1"}, "price"),
        ("correct", {"identity": "b"}, "identity"),
        ("correct", {"correction_id": "c", "price": "1"}, "corrected_at"),
        ("correct", {"correction_id": "c", "corrected_at": "2026-01-01T00:00:00Z", "price": 0},
         "price"),
    ],
)  # fmt: skip
def test_a_bad_field_of_an_amendment_is_refused_by_name(
    service: Service, command: str, fields: dict[str, Any], field: str
) -> None:
    answer = service.post(f"{FILLS}/{uuid.uuid4()}/{command}", json=fields)

    body = assert_refused(answer, 400)
    assert body["message"].startswith(f"{field}: ")


def test_prices_funding_and_transfers_are_recorded(
    service: Service, account: str, asset: str
) -> None:
    service.post(FILLS, json=fill(account, asset))
    price = service.post("/api/v1/prices", json=[{"asset": asset, "price": 100.5}])
    funding = service.post(
        "/api/v1/funding",
        json={"funding_id": "f", "asset": asset, "account": account, "amount": "-1.5",
              "executed_at": "2026-01-31T12:00:00Z"},
    )  # fmt: skip
    transfer = {
        "transfer_id": uuid.uuid4().hex, "symbol": asset, "quantity": 0.5,
        "from_account": account, "to_account": f"{account}-2",
    }  # fmt: skip
    moved = [service.post("/api/v1/transfers", json=transfer) for _ in range(2)]

    assert price.json()["applied"] == 1, price.text
    assert funding.json()["outcome"] == "applied", funding.text
    assert [each.json()["outcome"] for each in moved] == ["applied", "duplicate"]
    position = held(service, account, asset)
    assert (position["size"], position["current_price"], position["funding"]) == (
        "1.5", "100.5", "-1.5",
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/api/v1/transfers", "/rest/rpc/record_transfer"])
def test_an_unknown_field_of_a_transfer_is_refused_by_name(service: Service, path: str) -> None:
    assert_refused(service.post(path, json={"comment": "a"}), 400, "comment")


@pytest.mark.parametrize("name", ["record_price", "record_funding"])
def test_an_unknown_field_below_rest_is_refused_by_name(service: Service, name: str) -> None:
    answer = service.post(f"/rest/rpc/{name}", json={"comment": "a"})

    assert assert_refused(answer, 400)["message"] == "comment: unknown field"


def test_other_keys_are_refused(
    service: Service, reader_key: str, account: str, asset: str
) -> None:
    bound = service.new_key("trader", accounts=["another-account"])

    for key in (reader_key, bound):
        assert_refused(service.post(FILLS, json=fill(account, asset), key=key), 403)
        assert_refused(service.post(FILLS, json=[fill(account, asset)], key=key), 403)
        bust = service.post(f"{FILLS}/x/bust", json={"account": account}, key=key)
        assert_refused(bust, 403)
    assert_refused(service.post("/api/v1/prices", json={}, key=bound), 403)
    assert_refused(service.post(FILLS, json=fill(account, asset), key=None), 401)
