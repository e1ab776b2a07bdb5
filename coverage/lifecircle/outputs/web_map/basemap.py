"""What may lie under the communities: nothing, OpenStreetMap, Tianditu with the user's own key, own tiles."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

_OSM: Final = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
_OSM_CREDIT: Final = "© OpenStreetMap contributors"
_TIANDITU: Final = (
    "https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}"
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)
_TIANDITU_LAYERS: Final = ("vec", "cva")
"""Ground and its Chinese names, both in EPSG:3857 (``_w``), which Leaflet draws in."""
_TIANDITU_SERVERS: Final = "01234567"
_TIANDITU_CREDIT: Final = "天地图 tianditu.gov.cn"
_REMOTE: Final = re.compile(r"^(https?://)([^/]+)")

__all__ = ["Basemap", "basemap"]


@dataclass(frozen=True)
class Basemap:
    """Tiles under the communities.

    Attributes
    ----------
    urls : one template per layer from the lowest up, with ``{z}``, ``{x}``, ``{y}`` and perhaps ``{s}``
    image_sources : what the page's Content-Security-Policy must allow, and no more
    credit : whose map it is
    subdomains : what ``{s}`` stands for, one character each
    max_zoom : the finest level that has tiles
    """

    urls: tuple[str, ...]
    image_sources: tuple[str, ...]
    credit: str
    subdomains: str = "abc"
    max_zoom: int = 19

    def to_page(self) -> dict[str, object]:
        """As the page's data hold it."""
        return {
            "urls": list(self.urls),
            "credit": self.credit,
            "subdomains": self.subdomains,
            "max_zoom": self.max_zoom,
        }


def basemap(
    kind: str, *, page: Path, tianditu_key: str = "", tiles: str = "", credit: str = "", max_zoom: int = 19
) -> Basemap | None:
    """The basemap asked for, None for ``none``.

    Parameters
    ----------
    kind
        ``none``, ``osm``, ``tianditu`` or ``tiles``.
    page
        Where the page will lie: a folder of tiles is named from there, so that both can move together.
    tianditu_key
        The user's own; it can be read in the page by whoever gets it.
    tiles
        Address or absolute path with ``{z}``, ``{x}`` and ``{y}``.
    credit
        Shown on the map for tiles of one's own.
    max_zoom
        The finest level of them.
    """
    if kind == "osm":
        return Basemap((_OSM,), (_host(_OSM, ""),), _OSM_CREDIT)
    if kind == "tianditu":
        key = quote(tianditu_key, safe="")
        urls = tuple(_TIANDITU.format(layer=layer, key=key) for layer in _TIANDITU_LAYERS)
        hosts = tuple(_host(urls[0], server) for server in _TIANDITU_SERVERS)
        return Basemap(urls, hosts, _TIANDITU_CREDIT, subdomains=_TIANDITU_SERVERS, max_zoom=18)
    if kind == "tiles" and _REMOTE.match(tiles):
        hosts = tuple(dict.fromkeys(_host(tiles, server) for server in "abc"))
        return Basemap((tiles,), hosts, credit, max_zoom=max_zoom)
    if kind == "tiles":
        return Basemap((_beside(tiles, page),), ("'self'", "file:"), credit, max_zoom=max_zoom)
    return None


def _host(url: str, server: str) -> str:
    """Scheme and host of a template, for one of its servers."""
    matched = _REMOTE.match(url.replace("{s}", server))
    return matched[0] if matched else ""


def _beside(tiles: str, page: Path) -> str:
    """A folder of tiles as the page names it: relative, percent-encoded but for the placeholders."""
    way = Path(os.path.relpath(tiles, page.parent)).as_posix()
    return quote(way, safe="/{}")
