"""The page of the service and its files."""

from __future__ import annotations

import re

import pytest

from position_manager.paths import ROOT
from tests.helpers.service import Service, assert_refused

LIBRARIES = {
    "/vendor/preact.js": "javascript",
    "/vendor/hooks.js": "javascript",
    "/vendor/htm.js": "javascript",
    "/vendor/uplot.js": "javascript",
    "/vendor/uplot.css": "css",
}
IMPORT = re.compile(r"^import\b[^;'\"]*[\"']([^\"']+)[\"']", re.MULTILINE)


def test_the_page_is_public(service: Service) -> None:
    answer = service.get("/", key=None)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.content == (ROOT / "web" / "index.html").read_bytes()


@pytest.mark.parametrize("path", ["/", "/api/v1/docs"])
def test_a_page_loads_and_asks_its_own_host_only(service: Service, path: str) -> None:
    headers = service.get(path, key=None).headers

    policy = dict(part.split() for part in headers["content-security-policy"].split("; ")[:4])
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
    }
    assert headers["content-security-policy"].split("; ")[4:] == [
        "img-src 'self' data:",
        "font-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", LIBRARIES)
def test_libraries_come_from_the_service(service: Service, path: str) -> None:
    answer = service.get(path, key=None)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"text/{LIBRARIES[path]}; charset=utf-8"
    # Browsers resolve no bare names.
    assert [name for name in IMPORT.findall(answer.text) if not name.startswith("./")] == []


@pytest.mark.parametrize("path", ["/", "/style.css", "/vendor/preact.js", "/api/v1/docs"])
def test_an_unchanged_file_is_not_sent_again(service: Service, path: str) -> None:
    first = service.get(path, key=None)
    again = service.get(path, key=None, headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/index.html",
        "/web/index.html",
        "/nothing",
        "/nothing.js",
        "/style.css/",
        "/vendor/preact.LICENSE",
        "/nginx.conf.template",
        "/vendor/..%2Fdocs%2Fdocs.js",
        "/docs/docs.js",
        "/api/v1/style.css",
        "/rest/style.css",
    ],
)
def test_other_paths_are_refused_as_the_contract_has_it(service: Service, path: str) -> None:
    answer = service.get(path)

    assert_refused(answer, 404)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/style.css"])
def test_the_page_is_read_only(service: Service, path: str) -> None:
    answer = service.post(path, key=None)

    assert_refused(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD"
    assert service.request("HEAD", path, key=None).status_code == 200
