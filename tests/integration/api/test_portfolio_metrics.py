"""What accounts hold in /metrics, by the key of the request."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.helpers.service import Service, assert_refused

TEXT = {"Accept": "text/plain"}
SAMPLE = re.compile(r"^position_manager_([a-z_]+)(?:\{\w+=\"([^\"]*)\"\})? \S+$", re.MULTILINE)
OF_ACCOUNTS = re.compile(r"(?:account|portfolio|limit).*")


def shown(text: str) -> set[tuple[str, str]]:
    """The samples of accounts and limits: name and label."""
    return {(name, label) for name, label in SAMPLE.findall(text) if OF_ACCOUNTS.fullmatch(name)}


@pytest.fixture
def limit(service: Service, account: str) -> Iterator[str]:
    """The id of a breached limit of the account, recorded with its history."""
    service.fill(account)
    ((limit,),) = service.query("SELECT api.set_limit('gross_exposure', 1, account => %s)", account)
    for job in ("check_limits", "record_portfolio_history"):
        service.query(f"CALL pms.run_job('{job}')")
    yield limit
    service.query("SELECT api.remove_limit(%s)", limit)


@pytest.mark.usefixtures("limit")
def test_without_a_key_nobody_learns_what_accounts_hold(service: Service) -> None:
    answer = service.get("/metrics", key=None, headers=TEXT)

    assert answer.status_code == 200
    assert shown(answer.text) == set()


def test_a_key_shows_its_scope(service: Service, account: str, limit: str) -> None:
    bound = service.new_key("reader", accounts=[account])
    mine = shown(service.get("/metrics", key=bound, headers=TEXT).text)
    everything = shown(service.get("/metrics", headers=TEXT).text)

    names = {name for name, _ in mine}
    assert {label for name, label in mine if name.startswith("account_")} == {account}
    assert ("limit_breached", limit) in mine
    assert not {name for name in names if re.match("portfolio_.*_usdt", name)}
    assert ("portfolio_equity_usdt", "") in everything
    assert {name for name in names if name.startswith("account_")} <= {
        name for name, _ in everything
    }


def test_prometheus_sends_a_key_as_bearer_token(service: Service, account: str, limit: str) -> None:
    headers = TEXT | {"Authorization": f"Bearer {service.new_key('reader', accounts=[account])}"}
    text = service.get("/metrics", key=None, headers=headers).text

    assert ("limit_breached", limit) in shown(text)
    # Elsewhere a key has one place.
    assert_refused(service.get("/api/v1/portfolio", key=None, headers=headers), 401)


def test_a_wrong_key_is_refused_though_none_is_needed(service: Service) -> None:
    for headers in ({"X-API-Key": "pms_nobody_wrong"}, {"Authorization": "Bearer pms_no_body"}):
        assert_refused(service.get("/metrics", key=None, headers=TEXT | headers), 401)
    assert service.get("/metrics", key="pms_nobody_wrong").status_code == 200
