"""Pages in a real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from position_manager.paths import ROOT

AXE = ROOT / ".venv" / "share" / "axe" / "axe.min.js"
# Where the page keeps the key of its tab, see web/session.js.
KEY = "position-manager.key"
SERIOUS = ("serious", "critical")
# A page that has not changed by then will not.
PATIENCE_MS = 10_000


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser without windows."""
    program = shutil.which("chromium")
    assert program, "chromium is missing: run  make browser"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses root.
        browser = playwright.chromium.launch(
            executable_path=program, chromium_sandbox=os.geteuid() != 0
        )
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """A person with a browser profile of their own, and what their pages complained about."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.url = url
        self.complaints: list[str] = []
        # What a test provokes, at any moment until its end.
        self.provoked: str | None = None
        self.foreign: list[str] = []
        self.context: BrowserContext = browser.new_context(base_url=url, **options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("request", lambda request: self._see(request.url))

    def open(self, path: str = "/", key: str | None = None) -> Page:
        """Open a page in a new tab, where `key` was entered before."""
        page = self.context.new_page()
        if key is not None:
            page.add_init_script(
                f"if (!sessionStorage.getItem('{KEY}')) sessionStorage.setItem('{KEY}', '{key}')"
            )
        page.goto(path)
        return page

    def assert_content(self) -> None:
        """No page reported an error or a breach of its policy, or asked another host."""
        found = [it for it in self.complaints if self.provoked is None or self.provoked not in it]
        assert not found, found
        assert not self.foreign, self.foreign

    def close(self) -> None:
        """Close all tabs."""
        self.context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} {message.location['url']}")

    def _see(self, address: str) -> None:
        if not address.startswith((f"{self.url}/", "data:", "blob:")):
            self.foreign.append(address)


def row(page: Page, text: str) -> Locator:
    """The row of a table that shows a text, as soon as there is one."""
    found = page.get_by_role("row").filter(has_text=text)
    expect(found).to_be_visible()
    return found


def serious_violations(page: Page) -> list[str]:
    """What axe finds serious or worse: the rule, and the elements that break it."""
    # Evaluated by the debugger: the page's policy allows no script of others.
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {node['html']}"
        for each in found["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]
