"""Downloads from OpenStreetMap's servers, only when a study asks: one request each, kept for the next run."""

from __future__ import annotations

import hashlib
import math
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import filelock
import geopandas as gpd
import platformdirs
import pyproj
import shapely

from lifecircle.errors import Fault, InputError
from lifecircle.extras import require_extra
from lifecircle.folders import made_private
from lifecircle.messages import Words
from lifecircle.tables import WGS84

if TYPE_CHECKING:
    import requests

__all__ = [
    "MAX_KM2",
    "OsmServers",
    "cache_folder_of",
    "date_of_data",
    "download_extract",
    "download_folder",
    "find_place",
    "osm_servers",
]

T = TypeVar("T")

MAX_KM2: Final = 2500.0
"""Largest box asked of Overpass: a large city. Whoever wants more downloads an extract."""

_BUSY: Final = frozenset({429, 502, 503, 504})
_CHUNK: Final = 1 << 20
_QUERY: Final = (
    "[out:xml][timeout:{seconds}][maxsize:1073741824];"
    '(node({box});way({box});rel({box})[type~"^(multipolygon|restriction)$"];);(._;>;);out;'
)
"""Everything in a box, as an extract holds it; routes and borders, which lead far away, are left out."""


@dataclass(frozen=True)
class OsmServers:
    """Which servers are asked, and how patiently."""

    overpass: str = "https://overpass-api.de/api"
    nominatim: str = "https://nominatim.openstreetmap.org"
    timeout_s: float = 180.0
    waits_s: tuple[float, ...] = (5.0, 20.0, 60.0)
    """Waits before a busy server is asked anew; its own longer ``Retry-After`` counts, up to the last."""


def osm_servers() -> OsmServers:
    """The public servers, or those that ``LIFECIRCLE_OVERPASS`` and ``LIFECIRCLE_NOMINATIM`` name."""
    usual = OsmServers()
    return OsmServers(
        overpass=os.environ.get("LIFECIRCLE_OVERPASS") or usual.overpass,
        nominatim=os.environ.get("LIFECIRCLE_NOMINATIM") or usual.nominatim,
    )


def download_folder() -> Path:
    """Where downloaded extracts are kept."""
    return cache_folder_of("extracts")


def cache_folder_of(kind: str) -> Path:
    """Where one kind of files is kept between jobs: ``LIFECIRCLE_CACHE``, else in the user's cache folder."""
    own = os.environ.get("LIFECIRCLE_CACHE")
    return Path(own) if own else Path(platformdirs.user_cache_dir("lifecircle")) / kind


def download_extract(
    ground: shapely.Geometry, *, folder: Path | None = None, servers: OsmServers | None = None
) -> Path:
    """Download everything that OpenStreetMap holds in the box around a place, once, as an OSM file.

    Streets, facilities, buildings, walls and water are then read from it as from any extract.

    Parameters
    ----------
    ground
        Where data are needed, in WGS 84 degrees.
    folder
        Where the file is kept; `download_folder` if None. A box that was downloaded before is not asked anew,
        unless its file has changed since, or others than the user can write into the folder.
    servers
        Which Overpass server is asked; `osm_servers` if None.

    Returns
    -------
    Path
        An ``.osm`` file.

    Raises
    ------
    InputError
        If the box is larger than `MAX_KM2`, there is no connection, the server stays busy or refuses, or its
        answer ends early.
    """
    require_extra("osm")
    servers, kept = servers or osm_servers(), folder or download_folder()
    # Rounded outwards to about 100 m, so that a boundary redrawn by a metre does not download anew.
    west, south = (math.floor(edge * 1000) / 1000 for edge in ground.bounds[:2])
    east, north = (math.ceil(edge * 1000) / 1000 for edge in ground.bounds[2:])
    _require_small(shapely.box(west, south, east, north))
    query = _QUERY.format(
        seconds=int(servers.timeout_s), box=f"{south:.3f},{west:.3f},{north:.3f},{east:.3f}"
    )
    target = kept / f"{hashlib.sha256(f'{servers.overpass} {query}'.encode()).hexdigest()[:24]}.osm"
    part = target.with_suffix(".part")
    try:
        kept.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(f"{target}.lock"):
            if not (made_private(kept) and _is_whole(target)):
                _asked(lambda: _fetch(f"{servers.overpass}/interpreter", query, part, servers), servers)
                _sum_of(target).unlink(missing_ok=True)
                checksum = _checksum(part)
                part.replace(target)
                _sum_of(target).write_text(checksum, encoding="ascii")
    except OSError as error:
        values = {"why": error.strerror or str(error)}
        raise InputError(Fault("output-unwritable", file=str(kept), values=values)) from None
    return target


def _is_whole(file: Path) -> bool:
    """Whether a download is there as it came: its checksum stands beside it."""
    beside = _sum_of(file)
    return file.is_file() and beside.is_file() and beside.read_bytes() == _checksum(file).encode()


def _sum_of(file: Path) -> Path:
    """Where the checksum of a download stands."""
    return file.with_suffix(".sha256")


def _checksum(file: Path) -> str:
    """Checksum of a file, in hexadecimal digits."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def find_place(name: str, *, servers: OsmServers | None = None) -> gpd.GeoDataFrame:
    """Return the polygon that OpenStreetMap has for a name, as one row with ``name`` in WGS 84.

    Nominatim is asked through osmnx, which keeps its answers in the user's cache.

    Raises
    ------
    InputError
        If there is no connection, the server stays busy, or it knows no area of that name.
    """
    require_extra("osm")
    servers = servers or osm_servers()
    import osmnx  # noqa: PLC0415  # slow to import, and only for users who ask for it

    settings = {
        "nominatim_url": servers.nominatim.rstrip("/") + "/",
        "requests_timeout": servers.timeout_s,
        "cache_folder": str(Path(platformdirs.user_cache_dir("lifecircle")) / "osmnx"),
        # osmnx waits for a busy server without end; what it is told here ends that.
        "requests_kwargs": {"hooks": {"response": _raise_if_busy}},
    }
    before = {key: getattr(osmnx.settings, key) for key in settings}
    try:
        for key, value in settings.items():
            setattr(osmnx.settings, key, value)
        area = _asked(lambda: osmnx.geocode_to_gdf(name), servers)
    except (KeyError, TypeError, ValueError) as error:
        values = {"found": name, "why": str(error)}
        raise InputError(Fault("place-not-found", field="area.place", values=values)) from None
    finally:
        for key, value in before.items():
            setattr(osmnx.settings, key, value)
    return gpd.GeoDataFrame({"name": [name]}, geometry=area.geometry.to_numpy()[:1], crs=WGS84)


def date_of_data(file: Path) -> str:
    """The moment of the last edit that a downloaded file may hold, as Overpass writes it; or blank."""
    with file.open("rb") as content:
        head = content.read(2048).decode("utf-8", "replace")
    told = re.search(r'osm_base="([0-9TZ:.-]+)"', head)
    return told[1] if told else ""


def _require_small(box: shapely.Geometry) -> None:
    """Refuse a box that a public server should not be asked for."""
    area_km2 = abs(pyproj.Geod(ellps="WGS84").geometry_area_perimeter(box)[0]) / 1e6
    if area_km2 > MAX_KM2:
        values = {"area": f"{area_km2:,.0f}", "limit": f"{MAX_KM2:,.0f}"}
        raise InputError(Fault("download-too-large", field="streets.source", values=values))


class _BusyError(Exception):
    """The server asks to wait."""

    def __init__(self, status: int, wait_s: float) -> None:
        super().__init__(status)
        self.status = status
        self.wait_s = wait_s


def _raise_if_busy(response: requests.Response, *_: object, **__: object) -> None:
    """Tell a busy server from one that answers."""
    if response.status_code in _BUSY:
        said = response.headers.get("Retry-After", "")
        raise _BusyError(response.status_code, float(said) if said.isdigit() else 0.0)


def _asked(ask: Callable[[], T], servers: OsmServers) -> T:
    """Ask once, and anew after each wait while the server is busy or out of reach.

    Raises
    ------
    InputError
        With what the server said last.
    """
    import requests  # noqa: PLC0415  # with the extra osm only

    last: Any = ""
    for wait in (*servers.waits_s, None):
        try:
            return ask()
        except _BusyError as error:
            last, told = Words("faults.download.busy", {"status": error.status}), error.wait_s
        except (
            requests.ConnectionError,
            requests.Timeout,
            requests.exceptions.ChunkedEncodingError,
        ) as error:
            last, told = str(error), 0.0
        except requests.RequestException as error:
            raise InputError(Fault("download-failed", file="OpenStreetMap", values={"why": error})) from None
        if wait is not None:
            time.sleep(max(wait, min(told, servers.waits_s[-1])))
    raise InputError(Fault("download-failed", file="OpenStreetMap", values={"why": last})) from None


def _fetch(address: str, query: str, part: Path, servers: OsmServers) -> None:
    """Write the answer to a query into a file, and see that it is whole."""
    import requests  # noqa: PLC0415

    headers = {"User-Agent": f"lifecircle/{version('lifecircle')}"}
    with requests.post(
        address, data={"data": query}, headers=headers, timeout=servers.timeout_s, stream=True
    ) as answer:
        _raise_if_busy(answer)
        answer.raise_for_status()
        with part.open("wb") as file:
            for chunk in answer.iter_content(_CHUNK):
                file.write(chunk)
    with part.open("rb") as file:
        file.seek(max(0, part.stat().st_size - 4096))
        tail = file.read().decode("utf-8", "replace")
    # Overpass tells in a remark at the end that it ran out of time or memory, and answers 200 all the same.
    remark = tail.partition("<remark>")[2].partition("</remark>")[0].strip()
    if remark or "</osm>" not in tail:
        part.unlink()
        why = remark or Words("faults.download.cut")
        raise InputError(Fault("download-failed", file="OpenStreetMap", values={"why": why}))
