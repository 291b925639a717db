"""One-time codes, and the keys that pages get for them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import psycopg
import pytest

from position_manager.gateway.limits import fingerprint
from tests.helpers.harness import eventually
from tests.helpers.service import Service, assert_refused

PATH = "/api/v1/session"


def test_a_code_yields_a_key_that_reads(service: Service) -> None:
    code = service.new_code()

    answer = service.post(PATH, key=code)

    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    session = answer.json()
    key = session.pop("api_key")
    lasts = datetime.fromisoformat(session.pop("expires_at")) - datetime.now().astimezone()
    assert timedelta(hours=11, minutes=59) < lasts <= timedelta(hours=12)
    assert session == {"role": "reader", "accounts": None}
    assert key.split("_")[1] == code.split("_")[1]
    assert service.get("/api/v1/positions", key=key).status_code == 200
    assert_refused(service.post("/api/v1/snapshots", key=key), 403)
    assert_refused(service.post(PATH, key=key), 403)


def test_a_code_is_valid_once(service: Service) -> None:
    code = service.new_code()
    assert service.post(PATH, key=code).status_code == 201

    assert_refused(service.post(PATH, key=code), 401)


def test_of_two_requests_at_once_one_gets_a_key(service: Service) -> None:
    code = service.new_code()
    waiting = """
        SELECT count(*) = 2 FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND query ~ 'create_session' AND usename <> user
    """

    with psycopg.connect(service.stack.context.dsn()) as conn, ThreadPoolExecutor() as pool:
        conn.execute("SELECT FROM pms.api_keys WHERE id = %s FOR UPDATE", [code.split("_")[1]])
        answers = [pool.submit(service.post, PATH, key=code) for _ in range(2)]
        eventually(lambda: service.query(waiting) == [(True,)], 4)
        conn.rollback()

    assert sorted(answer.result().status_code for answer in answers) == [201, 401]


def test_a_code_is_valid_for_a_minute(service: Service) -> None:
    code = service.new_code()
    lasts = "SELECT expires_at - created_at FROM pms.api_keys WHERE id = %s"
    assert service.query(lasts, code.split("_")[1]) == [(timedelta(minutes=1),)]

    service.query("UPDATE pms.api_keys SET expires_at = now() WHERE id = %s", code.split("_")[1])

    assert_refused(service.post(PATH, key=code), 401)


@pytest.mark.parametrize(
    "path", ["/api/v1/positions", "/rest/positions", "/rest/rpc/get_portfolio", "/rest/api_keys"]
)
def test_a_code_reads_nothing(service: Service, path: str) -> None:
    assert service.get(path, key=service.new_code()).status_code in (403, 404)


@pytest.mark.parametrize("role", ["reader", "trader", "operator"])
def test_a_key_is_no_code(service: Service, role: str) -> None:
    assert_refused(service.post(PATH, key=service.new_key(role)), 403)
    assert_refused(service.post(PATH, key=None), 401)


def test_a_page_sees_the_accounts_of_its_code(service: Service, account: str, asset: str) -> None:
    service.fill(account, asset)
    service.fill(f"{account}-other", asset)

    session = service.post(PATH, key=service.new_code(account)).json()

    seen = service.get(f"/api/v1/positions?asset={asset}", key=session["api_key"]).json()
    assert session["accounts"] == [account]
    assert [each["account"] for each in seen["positions"]] == [account]


def test_neither_code_nor_key_is_stored(service: Service) -> None:
    code = service.new_code()
    headers = {"Idempotency-Key": "session-1"}
    key = service.post(PATH, key=code, headers=headers).json()["api_key"]

    kept = service.query(
        "SELECT a::text FROM pms.audit a WHERE key_id = %s"
        " UNION ALL SELECT k::text FROM pms.api_keys k WHERE id = %s"
        " UNION ALL SELECT i::text FROM pms.idempotency_keys i WHERE key_id = %s",
        *[code.split("_")[1]] * 3,
    )

    assert len(kept) == 2
    for secret in (code, key):
        assert all(secret not in row and secret.split("_", 2)[2] not in row for (row,) in kept)


def test_both_commands_are_audited(service: Service) -> None:
    code = service.new_code("main")
    service.post(PATH, key=code, headers={"X-Trace-Id": "session-audit"})

    code_id = code.split("_")[1]
    assert service.query(
        "SELECT command, role, arguments FROM pms.audit"
        " WHERE arguments ->> 'id' = %s OR key_id = %s ORDER BY command DESC",
        code_id,
        code_id,
    ) == [
        ("create_session_code", "pms_operator", {"id": code_id, "account_scope": ["main"]}),
        ("create_session", "pms_session", {}),
    ]


def test_the_gateway_counts_the_key_of_a_page(service: Service) -> None:
    key = service.post(PATH, key=service.new_code()).json()["api_key"]

    ((known, per_minute),) = service.query(
        "SELECT l.fingerprint, l.per_minute FROM pms.rate_limits l WHERE l.id = %s",
        key.split("_")[1],
    )

    assert bytes(known) == fingerprint(key)
    assert per_minute in (1000, None)


def test_expired_keys_of_pages_are_deleted_after_a_day(service: Service) -> None:
    old, recent = (service.new_code().split("_")[1] for _ in range(2))
    client = service.new_key("reader", "-2 days").split("_")[1]
    service.query(
        "UPDATE pms.api_keys SET expires_at = now() - interval '25 hours' WHERE id = %s", old
    )

    service.query("SELECT pms.purge_sessions()")

    kept = service.query("SELECT id FROM pms.api_keys WHERE id = ANY (%s)", [old, recent, client])
    assert {each for (each,) in kept} == {recent, client}


def test_the_key_of_a_page_is_not_rotated(service: Service) -> None:
    code = service.new_code()

    with pytest.raises(psycopg.Error, match="no live key") as refused:
        service.query("SELECT api.rotate_key(%s, 'rotated', sha256('x'))", code.split("_")[1])

    assert refused.value.sqlstate == "PT404"
