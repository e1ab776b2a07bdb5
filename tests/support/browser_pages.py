"""Pages in headless Chromium with the network cut off, and the panel of a gap map as figures."""

import base64
import re
import shutil
from contextlib import contextmanager

import pytest

BROWSER = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))),
    None,
)
FLAGS = (
    "--no-sandbox --headless --disable-gpu --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)
CLEAR_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@contextmanager
def chromium_browser():
    """A browser; the test is skipped with the reason where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if BROWSER is None:
        pytest.skip("no chromium, chromium-browser or google-chrome on the path")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=FLAGS.split())
        yield browser
        browser.close()


@contextmanager
def offline_pages(browser):
    """Opens pages with the network cut off; anything the console says at all, or asks for, is a failure.

    Yields a function ``open(path, address="", width=1280, height=800, expected=(), slower=1, touch=False)``;
    requests whose address holds one of `expected` are answered with a clear picture and not held against the
    page; its scripts run `slower` times as slowly as this computer can; `touch` makes it a phone's screen.
    """
    contexts, said = [], []

    def open_page(path, *, address="", width=1280, height=800, expected=(), slower=1, touch=False):
        screen = {"viewport": {"width": width, "height": height}, "has_touch": touch, "is_mobile": touch}
        context = browser.new_context(offline=True, **screen)
        contexts.append(context)
        asked = []

        def refuse(route):
            asked.append(route.request.url)
            if any(part in route.request.url for part in expected):
                route.fulfill(body=CLEAR_PIXEL, content_type="image/png")
            else:
                said.append(route.request.url)
                route.abort()

        context.route(re.compile(r"^(?!file:|data:|blob:)"), refuse)
        page = context.new_page()
        page.asked = asked
        page.add_init_script("window.hacks = 0; window.hacked = () => { window.hacks += 1; };")
        # a test that reads pixels of the map is advised of a faster way by the browser
        page.on("console", lambda message: "readback" in message.text or said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        if slower != 1:
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
        page.goto(path.as_uri() + address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == [], said


def wait_until(page, expression, *, seconds=10):
    """Wait until an expression holds, asked from outside: the page's own policy lets nobody evaluate."""
    for _ in range(20 * seconds):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never came true: {expression}")


def ready(page):
    """The page, once it has drawn itself."""
    page.wait_for_selector("body[data-ready]")
    return page


def fills(page):
    """Fill of every community, in the order of the page."""
    return page.eval_on_selector_all(
        ".leaflet-communities-pane path", "paths => paths.map(path => path.getAttribute('fill'))"
    )


def number(words):
    """The figure a phrase begins with; None where it has none."""
    result = re.search(r"-?[\d,]+(?:\.\d+)?", words)
    return float(result[0].replace(",", "")) if result else None


def choose_rule(page, title):
    """Find a rule by its title in the list of all rules and choose it."""
    page.fill("#rule-search", title)
    page.locator("#rule-list .rule-link").filter(has_text=title).first.click()
    page.fill("#rule-search", "")


def panel_figures(page):
    """What the panel says of the rule shown in a community: value, target, deficit and people affected."""
    pairs = page.locator("#place .now dl.figures:not(.turn) dd[data-figure]").evaluate_all(
        "all => all.map(cell => [cell.dataset.figure, cell.innerText])"
    )
    return {name: number(words) for name, words in pairs if name != "certainty"}


def panel_gaps(page):
    """Titles of all requirements that the panel lists as not met in a community, folded ones too."""
    return page.locator("#place .gaps .shortfalls li").evaluate_all(
        """all => all.map(item => [item.querySelector('button').textContent,
            item.querySelector('.amount').textContent, item.querySelector('small').textContent])"""
    )
