"""The served OpenAPI document and its page."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.helpers.openapi import FILE
from tests.helpers.service import Service, assert_refused

PAGE = "/api/v1/docs"


def test_the_openapi_document_is_public(service: Service) -> None:
    answer = service.get("/api/v1/openapi.yaml", key=None)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/yaml; charset=utf-8"
    assert answer.content == FILE.read_bytes()
    assert yaml.safe_load(answer.text)["openapi"].startswith("3.1.")


def test_the_openapi_document_is_there_as_json(service: Service) -> None:
    answer = service.get("/api/v1/openapi.json", key=None)

    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json() == yaml.safe_load(FILE.read_text())


def test_the_document_and_its_page_are_at_the_root_as_well(service: Service) -> None:
    for path in ("/openapi.json", "/docs"):
        here, there = (service.get(prefix + path, key=None) for prefix in ("", "/api/v1"))
        assert (here.status_code, here.content) == (200, there.content)
        for header in ("content-type", "content-security-policy", "cache-control"):
            assert here.headers[header] == there.headers[header]


def test_the_docs_page_uses_only_local_assets(service: Service) -> None:
    page = service.get(PAGE, key=None)
    assert page.headers["content-type"] == "text/html; charset=utf-8"

    asked = re.findall(r'(?:src|href)="(?!data:)([^"]*)"', page.text)
    assert len(asked) == 4
    for path in asked:
        answer = service.get(path, key=None)
        assert answer.status_code == 200, path
        assert not answer.headers["content-type"].startswith("application/json")
    script = service.get(f"{PAGE}/docs.js", key=None).text
    assert "http:" not in script + page.text
    assert "https:" not in script + page.text


def test_other_responses_cannot_be_rendered_as_pages(service: Service) -> None:
    for path in ("/health", "/api/v1/positions", "/nothing"):
        policy = service.get(path).headers["content-security-policy"]
        assert policy == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    "path",
    [
        f"{PAGE}/",
        f"{PAGE}/LICENSE",
        f"{PAGE}/nginx.conf.template",
        f"{PAGE}/..%2Fnginx.conf.template",
        f"{PAGE}/openapi.json",
        "/docs/",
        "/docs/docs.js",
        "/docs/openapi.json",
        "/openapi.yaml",
    ],
)
def test_no_other_file_is_served(service: Service, path: str) -> None:
    assert_refused(service.get(path), 404)


def test_the_docs_are_read_only(service: Service) -> None:
    for path in (PAGE, f"{PAGE}/docs.js", "/api/v1/openapi.yaml", "/docs", "/openapi.json"):
        answer = service.post(path, key=None)
        assert_refused(answer, 405)
        assert answer.headers["allow"] == "GET, HEAD"
