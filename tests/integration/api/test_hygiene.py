"""TLS, CORS and security headers."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from position_manager.config.service import ServiceSettings
from position_manager.config.settings import ConfigError
from position_manager.gateway.render import server_names, service_names
from position_manager.stack.ports import free_ports
from position_manager.stack.stack import Stack
from tests.helpers.gateway import gateway
from tests.helpers.service import Service, assert_refused

PAGE = "https://page.example:8443"
PATHS = [
    "/api/v1/portfolio?account=nobody",
    "/api/v1/positions/NEVERHELD",
    "/nothing",
    "/rest/positions?limit=1",
]
PREFLIGHT = {
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "x-api-key",
}


def cors(answer: httpx.Response) -> set[str]:
    return {name for name in answer.headers if name.startswith("access-control-")}


@pytest.mark.parametrize("path", PATHS)
def test_every_response_has_the_security_headers(service: Service, path: str) -> None:
    for key in ("", None):
        found = service.get(path, key=key).headers

        assert found["x-content-type-options"] == "nosniff"
        assert found["x-frame-options"] == "DENY"
        assert found["referrer-policy"] == "no-referrer"
        assert found["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert found["cache-control"] == "no-store"
        assert "strict-transport-security" not in found


def test_cross_origin_requests_are_refused_by_default(service: Service) -> None:
    for path in PATHS:
        assert not cors(service.get(path, headers={"Origin": PAGE}))
    preflight = service.request("OPTIONS", PATHS[0], key=None, headers={"Origin": PAGE} | PREFLIGHT)
    assert_refused(preflight, 401)
    assert not cors(preflight)


def test_configured_origins_are_allowed(stack: Stack, service: Service) -> None:
    with gateway(stack, cors_origins=("https://other.example", PAGE)) as proxy:
        first = httpx.options(proxy.url + PATHS[0], headers={"Origin": PAGE} | PREFLIGHT)
        asked = httpx.get(proxy.url + PATHS[0], headers={"Origin": PAGE, "X-API-Key": service.key})
        refused = httpx.get(proxy.url + PATHS[0], headers={"Origin": PAGE})
        strangers = [
            httpx.options(proxy.url + PATHS[0], headers={"Origin": origin} | PREFLIGHT)
            for origin in ("https://page.example", PAGE + "1", "null", f"{PAGE}.evil.example")
        ]

    assert (first.status_code, first.text) == (204, "")
    assert first.headers["access-control-allow-methods"] == "GET, HEAD, POST, DELETE"
    assert "X-API-Key" in first.headers["access-control-allow-headers"]
    for answer, status in ((first, 204), (asked, 200), (refused, 401)):
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answer.headers
    assert "X-Trace-Id" in asked.headers["access-control-expose-headers"]
    for answer in strangers:
        assert_refused(answer, 401)
        assert not cors(answer)


def test_tls_is_served_with_a_certificate(stack: Stack, service: Service, tmp_path: Path) -> None:
    certificate, key = tmp_path / "gateway.pem", tmp_path / "gateway.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    (port,) = free_ports(1)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with gateway(stack, tls_certificate=certificate, tls_key=key, tls_port=port) as proxy:
        url = f"https://127.0.0.1:{port}/api/v1/portfolio?account=nobody"
        answer = httpx.get(url, headers={"X-API-Key": service.key}, verify=trusting)
        plain = httpx.get(url.replace("https", "http"))
        without = httpx.get(f"{proxy.url}/health")
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            httpx.get(url)

    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert_refused(plain, 400)
    assert "strict-transport-security" not in without.headers


def test_a_certificate_without_its_key_is_refused() -> None:
    settings = ServiceSettings.model_validate({"tls_certificate": "/etc/ssl/gateway.pem"})

    with pytest.raises(ConfigError, match="POSITION_MANAGER_TLS_KEY: set both or neither"):
        service_names(settings, [], server_names(""))
