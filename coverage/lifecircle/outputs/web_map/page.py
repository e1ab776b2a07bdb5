"""The page around the map: folium's figure, Leaflet and our own assets inlined, no address to fetch."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import files as files_of_package
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template

from lifecircle.outputs.safe_text import html_text, script_json, security_policy

_LEAFLET_PACKAGE: Final = "django-js-lib-leaflet"
SCRIPTS: Final = (
    "data",
    "words",
    "model",
    "store",
    "style",
    "layers",
    "sides",
    "pins",
    "facilities",
    "areas",
    "labels",
    "scenario",
    "walk",
    "answer",
    "counties",
    "rules",
    "legend",
    "charts",
    "sites",
    "units",
    "place",
    "judged",
    "community",
    "table",
    "search",
    "export",
    "print",
    "page",
)
"""In the order of running: data and state, the map, the parts of the page, its start."""

_SLOT: Final = '<script type="application/json" id="lifecircle-data"></script>'
_POLICY_SLOT: Final = '<meta http-equiv="Content-Security-Policy" content="">'
_HTML_LANG: Final = {"zh": "zh-CN", "en": "en"}
_OPTIONS: Final = {
    "attribution_control": False,
    "fade_animation": False,
    "zoom_control": False,
    "zoom_snap": 0.25,
    "zoom_delta": 0.5,
    "wheel_px_per_zoom_level": 120,
    "max_zoom": 19,
}

__all__ = ["SCRIPTS", "PageParts", "asset", "compact", "leaflet_css", "leaflet_js", "map_page"]


class _Page(Figure):  # type: ignore[misc]  # branca has no types
    """folium's figure with a language, an escaped title, a policy, and every script inside the page."""

    _template = Template(
        "<!DOCTYPE html>\n"
        '<html lang="{{ this.lang }}">\n<head>\n<meta charset="utf-8">\n'
        + _POLICY_SLOT
        + '\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "{{ this.terms }}\n<title>{{ this.title }}</title>\n{{ this.header.render(**kwargs) }}\n</head>\n"
        "<body>\n{{ this.html.render(**kwargs) }}\n"
        + _SLOT
        + "\n<script>{{ this.script.render(**kwargs) }}</script>\n</body>\n</html>\n"
    )

    def __init__(self, title: str, lang: str, terms: Mapping[str, str]) -> None:
        super().__init__(title=html_text(title))
        self.lang = _HTML_LANG[lang]
        # a value, which no template reads, unlike what is added to the header
        said = (
            f'<meta name="{html_text(name)}" content="{html_text(words)}">' for name, words in terms.items()
        )
        self.terms = "\n".join(said)


class _GapMap(folium.Map):  # type: ignore[misc]  # folium has no types
    """folium's map in the frame of our page, under one name for every run: equal results, equal pages."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {{ this.options|tojavascript }});"
        "{% endmacro %}"
    )
    default_js: Final[list[tuple[str, str]]] = []
    default_css: Final[list[tuple[str, str]]] = []

    def get_name(self) -> str:
        """Name of the variable and of the element."""
        return "gap_map"


class _Start(MacroElement):  # type: ignore[misc]  # branca has no types
    """Hands the map over to our script, once it exists."""

    _template = Template("{% macro script(this, kwargs) %}lifecircle.start(gap_map);{% endmacro %}")


@dataclass(frozen=True)
class PageParts:
    """What a page that is served has beside the map: scripts that run before its start, styles, a body."""

    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    body: str


def map_page(
    data: object,
    *,
    title: str,
    lang: str,
    image_sources: Sequence[str] = (),
    served: PageParts | None = None,
    terms: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The whole page as text.

    Parameters
    ----------
    data
        What the page shows, as JSON can hold it. It goes in last, so that no template ever reads it.
    title, lang
        Of the document.
    image_sources
        Where its tiles may come from, as a Content-Security-Policy names it; nowhere by default.
    served
        What a page has that a server answers, and whose policy lets it ask that server.
    terms
        What the page says of itself, by name.
    """
    page = _Page(title, lang, terms)
    for source in (f"<style>{leaflet_css()}</style>", f"<style>{compact(asset('gap_map.css'))}</style>"):
        page.header.add_child(_verbatim(source))
    page.header.add_child(_verbatim(f"<script>{leaflet_js()}</script>"))
    for name in SCRIPTS:
        page.header.add_child(_verbatim(f"<script>{compact(asset(f'gap_map_{name}.js'))}</script>"))
    page.html.add_child(_verbatim(asset("gap_map.html")))
    if served is not None:
        for source in served.styles:
            page.header.add_child(_verbatim(f"<style>{source}</style>"))
        for source in served.scripts:
            page.header.add_child(_verbatim(f"<script>{source}</script>"))
        page.html.add_child(_verbatim(served.body))
    page.add_child(_GapMap(tiles=None, **_OPTIONS).add_child(_Start()))
    rendered = page.render()
    policy = security_policy(rendered, image_sources=image_sources, served=served is not None)
    rendered = rendered.replace(_POLICY_SLOT, _POLICY_SLOT.replace('""', f'"{policy}"'))
    before, _, after = rendered.partition(_SLOT)
    return before + _SLOT.replace("></", f">{script_json(data)}</") + after


def asset(name: str) -> str:
    """One of the package's own files in ``outputs/web_map/assets``."""
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")


def compact(source: str) -> str:
    r"""A script or style sheet of ours without indentation and without lines that are nothing but remarks.

    Examples
    --------
    >>> compact("/* What it does. */\n  // a remark\n  act(); // stays\n")
    'act(); // stays\n'
    """
    flush = re.sub(r"^[ \t]+", "", source, flags=re.MULTILINE)
    return re.sub(r"^(?:/\*(?:(?!\*/)[\s\S])*\*/|//.*)?\n", "", flush, flags=re.MULTILINE)


def leaflet_js() -> str:
    """Leaflet's script without its pointer to a source map."""
    return re.sub(
        r"\n//# sourceMappingURL=\S+\s*$", "", _leaflet_file("leaflet.js").read_text(encoding="utf-8")
    )


def leaflet_css() -> str:
    """Leaflet's style sheet with its pictures as data and without its remarks, which name addresses."""
    css = re.sub(r"/\*.*?\*/", "", _leaflet_file("leaflet.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"url\((images/[\w.-]+)\)", lambda image: f"url({_data_uri(image[1])})", css)


def _data_uri(name: str) -> str:
    """One of Leaflet's pictures as a data address."""
    picture = base64.b64encode(_leaflet_file(name).read_bytes()).decode("ascii")
    return f"data:image/png;base64,{picture}"


def _leaflet_file(name: str) -> Path:
    """Where the installed package keeps one of Leaflet's files."""
    listed = files_of_package(_LEAFLET_PACKAGE) or []
    return Path(str(next(file for file in listed if str(file).endswith(f"/js_lib_leaflet/{name}")).locate()))


def _verbatim(source: str) -> Element:
    """An element whose text no template engine reads."""
    return Element("{% raw %}" + source + "{% endraw %}")
