"""Coordinate systems: a local projection for distances, UTM for rasters, WGS 84 for files."""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_utm_crs_info
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import TransformerGroup

WGS84: Final = CRS.from_epsg(4326)

_GEOCENTRIC_AXIS_M: Final = 6_378_137.0
"""Semi-major axis of WGS 84, GRS 80 and CGCS2000: datums on it lie within 2 m of WGS 84."""
_ROUGH_M: Final = 5.0

_NAMED_FILE: Final = re.compile(
    r'\binit\s*=\s*([^\s"\]]*?)(?::[^:/\\\s"\]]*)?(?=[\s"\]]|$)'
    r'|(?:grids|file|model)\s*=\s*([^\s"\]+]+)'
    r'|(?:PARAMETERFILE\s*[\[(]\s*"(?:[^"]|"")*"|"PROJ4_GRIDS")\s*,\s*"([^"]*)"'
    r'|"value"\s*:\s*"([^"]*)"',
    re.IGNORECASE,
)
"""Files of grids, models and definitions, as PROJ's strings, WKT and PROJJSON name them."""

__all__ = [
    "WGS84",
    "DatumShift",
    "datum_shift",
    "known_crs",
    "local_crs",
    "names_path",
    "to_degrees",
    "transformer",
    "utm_crs",
]


@dataclass(frozen=True)
class DatumShift:
    """How well places in a coordinate system can be brought to WGS 84.

    Attributes
    ----------
    datum : str
        Name of the system's datum, blank where it has none.
    placeable : bool
        False for a local engineering system, whose place on Earth nobody can compute.
    accuracy_m : float
        Stated accuracy of the best transformation at the place, in metres; ``inf`` where none is known.
    """

    datum: str
    placeable: bool
    accuracy_m: float

    @property
    def rough(self) -> bool:
        """Whether places may lie more than a few metres off."""
        return self.placeable and self.accuracy_m > _ROUGH_M


def names_path(said: object) -> bool:
    """Whether a system names a file by its path, which PROJ would open: grids of PROJ's own have plain names.

    Parameters
    ----------
    said
        The system, or its definition. PROJ opens some files as soon as it reads a definition, so that
        a definition from outside is asked before PROJ sees it.

    Examples
    --------
    >>> names_path("+init=/etc/passwd:1"), names_path("+init=epsg:4326")
    (True, False)
    >>> names_path(CRS.from_user_input("+proj=longlat +ellps=krass +nadgrids=/etc/passwd"))
    True
    >>> names_path(CRS.from_epsg(3857))
    False
    """
    text = f"{said.srs} {said.to_wkt()}" if isinstance(said, CRS) else str(said)
    named = (one.strip("@ ") for groups in _NAMED_FILE.findall(text) for one in ",".join(groups).split(","))
    return any(set(file) & set("/\\~:") or file.startswith(".") for file in named)


def known_crs(said: object) -> CRS:
    """The coordinate system that somebody names; no file is opened for it.

    Raises
    ------
    CRSError
        If nobody knows it, or its definition names a file by its path.

    Examples
    --------
    >>> known_crs("EPSG:4547").is_projected
    True
    """
    if isinstance(said, CRS):
        return said
    if names_path(said):
        raise CRSError("crs-names-file")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # how a known system may be spelled better
        crs = CRS.from_user_input(said)
    if names_path(crs):
        raise CRSError("crs-names-file")
    return crs


def datum_shift(crs: CRS, x: float = math.nan, y: float = math.nan) -> DatumShift:
    """How well a coordinate system can be brought to WGS 84 at one of its places.

    Parameters
    ----------
    crs
        Any system, also one that pyproj cannot transform.
    x, y
        A place in it, easting or longitude first; NaN looks at the whole area of use.

    Returns
    -------
    DatumShift
        Datums on the ellipsoids of WGS 84, GRS 80 and CGCS2000 count as right to 2 m even where PROJ
        knows no transformation (CGCS2000 is such a one).

    Examples
    --------
    >>> datum_shift(CRS.from_epsg(4547)).rough  # CGCS2000
    False
    >>> datum_shift(CRS.from_epsg(2383)).rough  # Xian 1980
    True
    """
    try:
        back = to_degrees(crs)
        geodetic = crs.geodetic_crs
        lon, lat = back.transform(x, y) if math.isfinite(x) and math.isfinite(y) else (math.nan, math.nan)
        here = AreaOfInterest(lon, lat, lon, lat) if _on_earth(lon, lat) else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a missing grid shows in the accuracy
            ways = TransformerGroup(crs, WGS84, always_xy=True, area_of_interest=here).transformers
    except ProjError:
        return DatumShift("", placeable=False, accuracy_m=math.inf)
    if geodetic is None or not ways:
        return DatumShift("", placeable=False, accuracy_m=math.inf)
    datum = geodetic.datum.name if geodetic.datum is not None else geodetic.name
    if "ballpark" not in ways[0].description.casefold():
        stated = float(ways[0].accuracy)
        return DatumShift(datum, placeable=True, accuracy_m=stated if stated >= 0 else 0.0)
    ellipsoid = geodetic.ellipsoid
    modern = ellipsoid is not None and abs(ellipsoid.semi_major_metre - _GEOCENTRIC_AXIS_M) < 0.5
    return DatumShift(datum, placeable=True, accuracy_m=2.0 if modern else math.inf)


@lru_cache(maxsize=256)
def transformer(source: CRS, target: CRS) -> Transformer:
    """From one CRS to another, x before y; looked up once, which takes several milliseconds.

    Examples
    --------
    >>> round(transformer(WGS84, CRS.from_epsg(32649)).transform(111.0, 0.0)[0], 3)
    500000.0
    """
    return Transformer.from_crs(source, target, always_xy=True)


def to_degrees(crs: CRS) -> Transformer:
    """From a CRS to longitude and latitude of WGS 84, x before y.

    Examples
    --------
    >>> lon, lat = to_degrees(CRS.from_epsg(32649)).transform(500_000.0, 0.0)
    >>> round(lon, 6), round(lat, 6)
    (111.0, 0.0)
    """
    return transformer(crs, WGS84)


def _on_earth(lon: float, lat: float) -> bool:
    """Whether degrees are those of a place."""
    return math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180.0 and abs(lat) <= 90.0


def local_crs(lon: float, lat: float) -> CRS:
    """A transverse Mercator centred on the study, true to scale at its centre.

    Its scale is off by less than 4e-5 within 55 km of the centre, so a snap of 300 m is right to the
    centimetre; a UTM zone may be off by 4e-4. The centre is rounded to 0.1 degree, so that inputs that
    differ a little share one system.
    """
    return CRS.from_proj4(
        f"+proj=tmerc +lat_0={round(lat, 1)} +lon_0={round(lon, 1)} +k=1 +x_0=0 +y_0=0"
        " +datum=WGS84 +units=m +no_defs"
    )


def utm_crs(lon: float, lat: float) -> CRS:
    """The WGS 84 / UTM zone a place lies in: for rasters, whose origin must not move with a study."""
    zones = query_utm_crs_info(datum_name="WGS 84", area_of_interest=AreaOfInterest(lon, lat, lon, lat))
    return CRS.from_authority(zones[0].auth_name, zones[0].code)
