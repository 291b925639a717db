"""What a client may form freely below /rest/: columns, and nothing that the catalog has besides."""

from __future__ import annotations

import random
import socket
from urllib.parse import quote

import httpx
import pytest

from position_manager.stack.postgrest import FOLDER
from tests.helpers.service import Service, assert_refused

# Parts of queries as PostgREST reads them; `stray` is no column.
WORDS = [
    "stray", "stray", "stray.eq.1", "id", "price", "id.eq.1", "id.eq.", "id.in.(", "or(", "and(",
    "not", "in", "is", "null", "match", "any", "inner", "text", "desc", "fts(a)", "fills", "x", "1",
    "(", "(", ")", ")", ",", ",", ",", ".", ".", ":", "::", "->", "->>", '"', '"', '","', '->"',
    "{", "}", "\\", "*", "...", "-", "!", " ",
]  # fmt: skip
QUERIES = 400


@pytest.mark.parametrize(
    "query",
    [
        "select=id,side,p:price,quantity::text,value::text&limit=1",
        "select=*&order=id.desc,price.asc.nullslast&offset=1&limit=1",
        "select=d:trace_id->a->>b&trace_id->>a=is.null&limit=1",
        "or=(account.eq.json_agg,and(price.gt.1,not.or(id.in.(1,2),asset.in.(\"a)\",b))))&limit=1",
        "trace_id=match.^a(b|c)%2B$&asset=ilike.*btc*&limit=1",
    ],
)  # fmt: skip
def test_columns_can_be_renamed_cast_ordered_and_compared(
    service: Service, reader_key: str, query: str
) -> None:
    answer = service.get(f"/rest/fills?{query}", key=reader_key)

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("select=json_agg", "json_agg"),
        ("select=id,a0:json_agg,a1:jsonb_agg", "json_agg"),
        ("select=count", "count"),
        ("select=to_jsonb->id", "to_jsonb"),
        ("select=row_to_json::text", "row_to_json"),
        ("select=quote_literal", "quote_literal"),
        ("select=%68ash_record", "hash_record"),
        ("order=array_agg", "array_agg"),
        ("json_agg=not.is.null", "json_agg"),
        ("or=(id.eq.1,not.and(json_agg.like.*a*))", "json_agg"),
    ],
)
@pytest.mark.parametrize("path", ["/rest/fills", "/rest/rpc/position_entries"])
def test_a_function_of_the_catalog_is_no_column(
    service: Service, reader_key: str, path: str, query: str, name: str
) -> None:
    object_name = path.rpartition("/")[2]
    query = query if object_name == "fills" else f"asset=BTCUSDT&{query}"

    body = assert_refused(service.get(f"{path}?{query}", key=reader_key), 400)

    assert body["message"] == f"column {object_name}.{name} does not exist"
    assert "price" in body["hint"]


def test_a_function_without_columns_has_no_names(service: Service, reader_key: str) -> None:
    answer = service.get("/rest/rpc/get_metrics?select=json_agg", key=reader_key)

    assert_refused(answer, 400)


@pytest.mark.parametrize(
    "query",
    [
        r"trace_id=match.(...%2B)(.*)(.*)\1(.*)\1",
        r"trace_id=not.imatch.(a)%5C1",
        r'or=(trace_id.match."(..%2B)\\1\\1",trace_id.match."zzzz")',
    ],
)
def test_a_regular_expression_may_not_refer_back(
    service: Service, reader_key: str, query: str
) -> None:
    body = assert_refused(service.get(f"/rest/fills?{query}", key=reader_key), 400)

    assert body["message"] == "a regular expression must not refer back"


def test_the_query_is_checked_after_the_key(service: Service) -> None:
    assert_refused(service.get("/rest/fills?select=json_agg", key="a-wrong-key"), 401)


def test_a_client_cannot_set_the_query_that_is_checked(service: Service, reader_key: str) -> None:
    answer = service.get(
        "/rest/fills?select=json_agg", key=reader_key, headers={"X-Query": "select=id"}
    )

    assert_refused(answer, 400)


def test_a_post_with_a_query_is_checked(service: Service, reader_key: str) -> None:
    answer = service.post(
        "/rest/rpc/position_entries?select=json_agg", key=reader_key, json={"asset": "BTCUSDT"}
    )

    assert_refused(answer, 400)


def test_whatever_postgrest_reads_as_a_column_is_checked(service: Service, seed: int) -> None:
    """PostgreSQL reports the column that is missing wherever PostgREST asks for one."""
    chance = random.Random(seed)

    def words(most: int) -> str:
        return quote("".join(chance.choices(WORDS, k=chance.randint(1, most))), safe="")

    def query() -> str:
        return chance.choice(
            [
                f"select={words(8)}",
                f"order={words(8)}",
                f"{words(6)}=eq.1",
                f"{chance.choice(['or', 'and', 'not.or', 'fills.and'])}=({words(14)})",
                f"select=id,{words(6)}&or=(id.eq.{words(4)},stray.eq.1{words(3)})",
            ]
        )

    path = service.stack.context.data / FOLDER / "postgrest.sock"
    asked = []
    with httpx.Client(
        transport=httpx.HTTPTransport(uds=str(path)),
        base_url="http://localhost",
        headers={"X-API-Key": service.key},
    ) as unchecked:
        for each in (query() for _ in range(QUERIES)):
            answer = unchecked.get(f"/fills?limit=1&{each}")
            if answer.status_code == 400 and answer.json()["code"] == "42703":
                asked.append(each)

    assert len(asked) > QUERIES / 20
    overlooked = "SELECT q FROM unnest(%s::text[]) q, pms.check_names('/fills', q) c" + (
        " WHERE c.objection IS NULL"
    )
    assert service.query(overlooked, asked) == []


@pytest.mark.parametrize(
    "query",
    ["account=eq.%ff%fe", "%c0%af=eq.1", "account=eq.%ed%a0%80", "account=eq.%f5%80%80%80",
     "account=eq.%00", "account=eq.%zz", "select=%E2%82"],
)  # fmt: skip
def test_a_query_that_is_not_text_is_refused(service: Service, query: str) -> None:
    body = assert_refused(service.get(f"/rest/positions?{query}"), 400)

    assert body["message"] == "malformed request"


def test_text_of_any_script_is_passed_on(service: Service) -> None:
    for text in ("ü", "€", "\uffff", "😀", "\U0010ffff"):
        assert service.get("/rest/positions", params={"account": f"eq.{text}"}).json() == []


def raw(service: Service, head: bytes, body: bytes) -> bytes:
    """The first bytes of the answer, and its last."""
    address = httpx.URL(service.url)
    with socket.create_connection((address.host, address.port or 80), timeout=30) as client:
        client.sendall(
            head + b"Host: x\r\nX-API-Key: " + service.key.encode() + b"\r\n"
            b"Content-Type: application/json\r\n\r\n" + body
        )
        return client.recv(8192)


@pytest.mark.parametrize(
    "path", [b"/rest/rpc/get_positions", b"/api/v1/positions/BTCUSDT/snapshot"]
)
def test_a_chunk_without_a_size_is_malformed(service: Service, path: bytes) -> None:
    head = b"POST " + path + b" HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"

    answer = raw(service, head, b"zz\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"message":"malformed request"' in answer


def test_a_deeply_nested_body_is_named_as_such(service: Service) -> None:
    deep = b'{"fills":' + b"[" * 60_000 + b"]" * 60_000 + b"}"

    answer = service.post(
        "/rest/rpc/record_fills", content=deep, headers={"Content-Type": "application/json"}
    )

    assert assert_refused(answer, 400)["message"] == "request is nested too deeply"
