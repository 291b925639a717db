"""Every page loads from the service alone, without errors and within its policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.helpers.browser import KEY, Visitor, serious_violations
from tests.helpers.commands import Cli
from tests.helpers.service import Service


def test_the_page_loads(visitor: Visitor) -> None:
    page = visitor.open()

    expect(page).to_have_title("Position Manager")
    assert serious_violations(page) == []


def test_the_documentation_loads_and_shows_an_operation(visitor: Visitor) -> None:
    page = visitor.open("/api/v1/docs")

    page.get_by_text("List positions").first.click()
    page.get_by_role("button", name="Try it out").click()
    expect(page.get_by_role("button", name="Execute")).to_be_visible()
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_text("Available authorizations")).to_be_visible()


@pytest.mark.parametrize(
    "script",
    [
        "document.body.appendChild(document.createElement('script')).textContent = 'broken = 1'",
        "document.body.innerHTML = '<p style=\"color: red\">'",
        "fetch('https://example.com/').catch(() => 0)",
        "document.body.innerHTML = '<img src=\"https://example.com/a.png\">'",
    ],
)
def test_the_policy_blocks_inline_code_and_other_hosts(visitor: Visitor, script: str) -> None:
    page = visitor.open()

    page.evaluate(script)
    page.wait_for_timeout(50)

    assert visitor.complaints
    assert all("Content Security Policy" in each for each in visitor.complaints)
    assert page.evaluate("typeof broken") == "undefined"
    visitor.complaints.clear()
    # A blocked request is reported, too.
    visitor.foreign.clear()


@pytest.mark.parametrize("library", ["preact", "hooks", "htm", "uplot"])
def test_a_library_loads_as_a_module(visitor: Visitor, library: str) -> None:
    page = visitor.open()

    names = page.evaluate(f"import('/vendor/{library}.js').then(Object.keys)")

    assert {"preact": "render", "hooks": "useState"}.get(library, "default") in names


def test_a_link_opens_the_page_once(visitor: Visitor, service: Service) -> None:
    link = Cli(service.stack.env())("open").stdout.strip()

    page = visitor.open(link)
    expect(page.get_by_role("navigation", name="Views")).to_be_visible()
    assert "code" not in page.url
    kept = page.evaluate(f"sessionStorage.getItem('{KEY}')")
    assert kept not in ("", None, link.partition("#code=")[2])

    again = visitor.open(link)
    expect(again.get_by_text("This link was used")).to_be_visible()
    assert again.evaluate(f"sessionStorage.getItem('{KEY}')") is None
    # The refusal of the code.
    visitor.complaints.clear()


def test_a_link_does_not_replace_the_key_of_a_tab(
    visitor: Visitor, service: Service, reader_key: str
) -> None:
    link = Cli(service.stack.env())("open").stdout.strip()

    page = visitor.open(link, key=reader_key)

    expect(page.get_by_role("navigation", name="Views")).to_be_visible()
    assert "code" not in page.url
    assert page.evaluate(f"sessionStorage.getItem('{KEY}')") == reader_key
