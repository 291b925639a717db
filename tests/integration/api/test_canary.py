"""A key used in every way, right and wrong, is stored and logged nowhere."""

from __future__ import annotations

import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psycopg
from psycopg.rows import dict_row

from position_manager.cli.access import CREATE, NewKey
from position_manager.stack import postgres
from position_manager.stack.stack import Stack
from tests.helpers.service import Service

# PostgreSQL logs all statements; the logging of parameters is unchanged.
LOGGING = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_min_error_statement": "debug5",
    "log_error_verbosity": "verbose",
    "log_duration": "on",
    "log_connections": "on",
}
ACTIVITY = "SELECT a.query, a.application_name FROM pg_stat_activity a"


@contextmanager
def statement_logging(stack: Stack) -> Iterator[None]:
    """Have the server log every statement."""
    with psycopg.connect(stack.context.dsn(), autocommit=True) as connection:
        try:
            for name, value in LOGGING.items():
                connection.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
            connection.execute("SELECT pg_reload_conf()")
            yield
        finally:
            for name in LOGGING:
                connection.execute(f"ALTER SYSTEM RESET {name}".encode())
            connection.execute("SELECT pg_reload_conf()")


class Watch(threading.Thread):
    """Polls the activity of the server's sessions."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(name="activity")
        self._dsn = stack.context.dsn()
        self.seen: set[str] = set()
        self.done = threading.Event()

    def run(self) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            while not self.done.wait(0.002):
                for row in connection.execute(ACTIVITY):
                    self.seen.update(map(str, row))


def create(stack: Stack, role: str) -> str:
    """Make a key as the command line does."""
    key = NewKey.make()
    given: dict[str, object] = {"id": key.id, "digest": key.digest, "role": role, "name": "canary"}
    given |= {"tier": "default", "account_scope": None, "expires_at": None}
    given["fingerprint"] = key.fingerprint
    with psycopg.connect(stack.context.dsn("pms_operator"), row_factory=dict_row) as connection:
        connection.execute(CREATE.encode(), given)
    return key.text


def used(service: Service, key: str, account: str, asset: str) -> Iterator[httpx.Response]:
    """Every use of a key, correct or mistaken."""
    in_account = {"account": account}
    for method, path, params in (
        ("GET", "/api/v1/positions", in_account),
        ("GET", f"/api/v1/positions/{asset}", in_account),
        ("GET", "/api/v1/positions/NEVERHELD", in_account),
        ("GET", "/api/v1/positions", {"limit": "x"}),
        ("POST", f"/api/v1/positions/{asset}/validate", in_account),
        ("POST", f"/api/v1/positions/{asset}/snapshot", in_account),
        ("POST", "/api/v1/positions", {}),
        ("GET", "/api/v1/portfolio", in_account),
        ("GET", "/nothing", {}),
        ("GET", "/health", {}),
        ("GET", "/metrics", {}),
        ("GET", "/rest/positions", {"account": f"eq.{account}"}),
        ("GET", "/rest/positions", {"nothing": "eq.1"}),
        ("GET", "/rest/keys", {}),
        ("GET", "/rest/rpc/record_fill", {"asset": "A"}),
    ):
        yield service.request(method, path, key=key, params=params)
        yield service.request(method, path, key=key + "x", params=params)
    fill = {"account": account, "asset": asset, "side": "buy", "quantity": "1", "price": "-1"}
    yield service.post("/rest/rpc/record_fill", key=key, json=fill)
    yield service.post("/rest/rpc/record_fills", key=key, content=b"{", headers={"Prefer": key})
    yield service.post("/rest/rpc/record_fills", key=key, content=b"x" * 300_000)
    # Where it does not belong.
    yield service.post(
        f"/api/v1/positions/{asset}/snapshot",
        params=in_account,
        key=key,
        headers={"Idempotency-Key": key},
    )
    yield service.get(f"/api/v1/positions?api_key={key}", key=None)
    yield service.get(f"/api/v1/positions?api_key={key}", key=key)
    yield service.get(f"/api/v1/positions?{key}=1", key=key)
    yield from named(service, key, asset)
    yield service.get(f"/{key}", key=None)
    yield service.get(f"/rest/rpc/{key}", key=None)
    yield service.get("/api/v1/positions" + "?a=" + key * 100, key=key)
    for header in ("Authorization", "Cookie", "X-Trace-Id", "Referer", "User-Agent", "Range"):
        yield service.get("/api/v1/portfolio", key=None, headers={header: key})
        yield service.get("/rest/positions?limit=1", key=key, headers={header: key})


def named(service: Service, key: str, asset: str) -> Iterator[httpx.Response]:
    """A key where a name or a text belongs."""
    path, position = f"/api/v1/positions/{key}", f"/api/v1/positions/{asset}"
    yield service.get(path, key=key)
    for part in ("validate", "entries", "cycles", "snapshots"):
        yield service.get(f"{path}/{part}", key=key)
    for each in (f"{path}/validate", f"{path}/snapshot", f"/api/v1/discrepancies/{key}/accept"):
        yield service.post(each, key=key)
    for each in (f"{position}/validate", f"{position}/snapshot", "/api/v1/snapshots"):
        yield service.post(each, key=key, params={"account": key})
    unknown = f"/api/v1/discrepancies/{uuid.uuid4()}/dismiss"
    yield service.post(unknown, key=key, params={"note": key})
    fill = {"account": key, "asset": asset, "side": "buy", "execution_id": uuid.uuid4().hex}
    fill |= {"execution_quantity": "1", "execution_price": "1"}
    action = {"action_id": uuid.uuid4().hex, "action": "rename", "asset": asset, "to_asset": key}
    for function, body in (
        ("record_fill", fill),
        ("record_fill", fill | {"account": "main", "asset": key}),
        ("record_fill", fill | {"account": "main", "execution_fees": "1", "fee_currency": key}),
        ("record_price", {"symbol": key, "mark_price": "1"}),
        ("accept_price", {"asset": key}),
        ("drop_price", {"asset": key}),
        ("alias_instrument", {"alias": key, "asset": asset}),
        ("alias_instrument", {"alias": f"X{asset}", "asset": key}),
        ("remove_alias", {"alias": key}),
        ("define_instrument", {"asset": key}),
        ("define_instrument", {"asset": asset, "quote_currency": key}),
        ("record_corporate_action", action | {"effective_at": "2026-01-01T00:00:00Z"}),
        ("move_fills", {"move_id": "m", "asset": asset, "to_mode": "hedge", "account": key}),
        ("move_to_book", {"move_id": "m", "to_book": key, "identity": "execution:e"}),
        ("bust_fill", {"execution_id": "e", "account": key}),
        ("get_reviews", {"account": key}),
        ("get_pnl_by_period", {"time_zone": key}),
        ("pnl_by_period", {"account": key}),
    ):
        yield service.post(f"/rest/rpc/{function}", key=key, json=body)


def dump(stack: Stack) -> str:
    """The whole database as SQL."""
    program = str(postgres.bin_dir() / "pg_dump")
    done = subprocess.run(
        [program, stack.context.dsn()], capture_output=True, text=True, check=True
    )
    return done.stdout


def texts(stack: Stack, service: Service) -> Iterator[tuple[str, str]]:
    """Every log and table by name."""
    for log in sorted(stack.context.logs.glob("*")):
        yield log.name, log.read_text(errors="replace")
    for path in ("/health", "/metrics"):
        for accept in ("application/json", "text/plain"):
            answer = service.get(path, key=None, headers={"Accept": accept})
            yield f"{path} as {accept}", answer.text + str(answer.headers)
    yield "pg_stat_statements", str(service.query("SELECT s.query FROM pg_stat_statements s"))
    yield "the dump", dump(stack)


def test_a_key_appears_in_no_log_or_table_after_use(
    stack: Stack, service: Service, account: str, asset: str
) -> None:
    log = stack.context.logs / "postgres.log"
    service.fill(account, asset)
    watch = Watch(stack)

    with statement_logging(stack):
        begin = log.stat().st_size
        key = create(stack, "operator")
        watch.start()
        try:
            answers = list(used(service, key, account, asset))
        finally:
            watch.done.set()
            watch.join()

    secret = key.split("_", 2)[2].lower()
    logged = log.read_bytes()[begin:].decode(errors="replace")
    assert "pms.check_request" in logged
    assert "api.create_key" in logged
    assert {answer.status_code for answer in answers} >= {200, 201, 400, 401, 403, 404, 405, 413}
    assert [
        str(answer.url.path)
        for answer in answers
        if secret in (answer.text + str(answer.headers)).lower()
    ] == []
    assert any("check_request" in query for query in watch.seen)
    assert [query for query in watch.seen if secret in query.lower()] == []
    found = {name: text.lower() for name, text in texts(stack, service)}
    assert {"nginx.log", "postgrest.log", "postgres.log", "ingest.log"} <= set(found)
    assert {
        name: text[max(0, text.index(secret) - 200) : text.index(secret)]
        for name, text in found.items()
        if secret in text
    } == {}
