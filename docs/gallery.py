"""Pictures of the documentation, made from the demo city's results.

    make demo && .venv/bin/python docs/gallery.py data/processed/demo/results

Needs Chromium and the test dependencies.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parent / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def main(results: Path) -> None:
    """Open the gap map with the network off and photograph it."""
    IMAGES.mkdir(exist_ok=True)
    browser_path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True).new_page()
        page.goto((results / "gap_map.html").resolve().as_uri())
        page.wait_for_timeout(3000)
        page.screenshot(path=IMAGES / "gap_map.png")
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
