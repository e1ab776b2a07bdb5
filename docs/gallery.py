"""Pictures of the documentation, made from the demo city's results.

    make demo && .venv/bin/python docs/gallery.py data/processed/demo/results

Needs Chromium, LibreOffice, poppler-utils and the test dependencies. Takes some minutes, most of them
LibreOffice's, which lays out the whole workbook.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import matplotlib.pyplot as plt
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

import lifecircle as lc

IMAGES = Path(__file__).parent / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
COLOURS = 160
"""Of each picture's own palette: a map keeps its classes, a file stays small."""


def main(results: Path) -> None:
    """Photograph the map and the pages of a finished run."""
    IMAGES.mkdir(exist_ok=True)
    _isochrones(results.parent)
    browser_path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        _gap_map(browser, results / "gap_map.html")
        _shot(browser, results / "report.html", "report", (1100, 900))
        browser.close()
    _save(Image.open(next((results / "maps").glob("*fitness-circle-15min.png"))), "map_sheet", width=1100)
    _page(results / "report.docx", "report_word", number=1, width=640)
    _page(results / "deficits.xlsx", "workbook", number=1, width=1100, top=0.7)


def _isochrones(demo: Path) -> None:
    """Five, ten and fifteen minutes' walk from one health station, over the streets around it."""
    streets = lc.read_streets(demo / "raw" / "streets.osm.pbf")
    facilities = gpd.read_file(demo / "results" / "study.gpkg", layer="facilities")
    stations = facilities[facilities["service"] == "health-station"].to_crs(streets.crs)
    middle = stations.geometry.union_all().centroid
    one = stations.loc[[stations.distance(middle).idxmin()]]
    areas = lc.isochrones(streets, one, minutes=[5, 10, 15], speed_kmh=4).to_crs(streets.crs)
    figure, axes = plt.subplots(figsize=(7, 7), dpi=110)
    west, south, east, north = areas.total_bounds
    lines = lc.edges_frame(streets).to_crs(streets.crs)
    lines.cx[west - 150 : east + 150, south - 150 : north + 150].plot(ax=axes, color="#c9c5bc", linewidth=0.6)
    for minutes, colour in zip((15, 10, 5), ("#d7e8e4", "#8cc3b8", "#2b7f73"), strict=True):
        band = areas[areas["minutes"] == minutes]
        band.plot(ax=axes, color=colour, alpha=0.65, edgecolor="#1f5f56", linewidth=0.5)
    one.plot(ax=axes, color="#222222", markersize=36, zorder=5)
    axes.set(xlim=(west - 150, east + 150), ylim=(south - 150, north + 150))
    axes.set_axis_off()
    picture = BytesIO()
    figure.savefig(picture, bbox_inches="tight", pad_inches=0.02)
    plt.close(figure)
    _save(Image.open(picture), "isochrones", width=760)


def _gap_map(browser: Browser, path: Path) -> None:
    """The map on a desk, a community's popup, and the map on a phone."""
    _shot(browser, path, "gap_map", (1280, 800))
    _shot(browser, path, "gap_map_popup", (1280, 800), _choose_the_worst)
    _shot(browser, path, "gap_map_phone", (390, 844))


def _choose_the_worst(page: Page) -> None:
    """Open the popup of the first community of the list."""
    page.locator("#place .worst button").first.click()
    page.wait_for_timeout(1500)


def _shot(
    browser: Browser, path: Path, name: str, size: tuple[int, int], do: Callable[[Page], None] | None = None
) -> None:
    """A page as a browser of this size shows it, with the network off."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, offline=True)
    page = context.new_page()
    page.goto(path.resolve().as_uri())
    page.wait_for_timeout(3000)
    if do is not None:
        do(page)
    _save(Image.open(BytesIO(page.screenshot())), name, width=size[0])
    context.close()


def _page(document: Path, name: str, *, number: int, width: int, top: float = 1.0) -> None:
    """One page of an office document, or the upper part of it."""
    with tempfile.TemporaryDirectory() as folder:
        pages = json.dumps({"PageRange": {"type": "string", "value": str(number)}})
        kind = "calc" if document.suffix == ".xlsx" else "writer"
        office = [
            "soffice",
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            f"pdf:{kind}_pdf_Export:{pages}",
            "--outdir",
            folder,
            str(document),
        ]
        subprocess.run(office, check=True, capture_output=True)  # noqa: S603
        made = Path(folder, document.with_suffix(".pdf").name)
        drawn = ["pdftoppm", "-r", "150", "-png", "-singlefile", str(made), f"{folder}/page"]
        subprocess.run(drawn, check=True)  # noqa: S603
        picture = Image.open(Path(folder, "page.png"))
        picture.load()
    _save(picture.crop((0, 0, picture.width, round(picture.height * top))), name, width=width)


def _save(picture: Image.Image, name: str, *, width: int) -> None:
    """A picture at most so wide, in colours of its own palette."""
    whole = picture.convert("RGB")
    if whole.width > width:
        whole = whole.resize((width, round(whole.height * width / whole.width)), Image.Resampling.LANCZOS)
    palette = whole.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette.save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
