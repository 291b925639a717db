"""Take the pictures of the page in docs/, from the private stack: ``make screenshots``."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Literal

from playwright.sync_api import Browser, expect

from position_manager.cli.query import stack_env
from position_manager.paths import ROOT
from tests.helpers.browser import Visitor, launched

FOLDER = ROOT / "docs"
# Of each view, what shows that it is complete.
VIEWS = {"positions": "tbody tr", "performance": "canvas"}
SIZES = {1440: 900, 390: 844}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Until fonts and charts are drawn.
PAUSE_MS = 1000


def link() -> str:
    """An address that opens the page without a key."""
    program = ROOT / ".venv" / "bin" / "position-manager"
    shown = subprocess.run([program, "open", "--json"], check=True, capture_output=True, text=True)
    return str(json.loads(shown.stdout)["link"])


def take(browser: Browser, url: str, width: int, scheme: Literal["light", "dark"]) -> None:
    """Take the pictures of one width and color scheme."""
    viewport = {"width": width, "height": SIZES[width]}
    visitor = Visitor(browser, url, viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    page = visitor.open(link())
    for view, sign in VIEWS.items():
        page.evaluate(f"location.hash = '#/{view}'")
        expect(page.locator(sign).first).to_be_visible()
        page.wait_for_timeout(PAUSE_MS)
        picture = FOLDER / f"{view}-{width}-{scheme}.png"
        page.screenshot(path=picture)
        print(picture.relative_to(ROOT))
    visitor.close()


def main() -> int:
    """Take all pictures."""
    url = stack_env().get("POSITION_MANAGER_URL")
    if url is None:
        print("no private stack: run  make demo", file=sys.stderr)
        return 1
    with launched() as browser:
        for width in SIZES:
            for scheme in SCHEMES:
                take(browser, url, width, scheme)
    return 0


if __name__ == "__main__":
    sys.exit(main())
