"""Coordinate systems: one local projection for distances, UTM for grids, WGS 84 at the edges."""

from __future__ import annotations

from typing import Final

from pyproj import CRS
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_utm_crs_info

WGS84: Final = CRS.from_epsg(4326)

__all__ = ["WGS84", "local_crs", "utm_crs"]


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
    found = query_utm_crs_info(datum_name="WGS 84", area_of_interest=AreaOfInterest(lon, lat, lon, lat))
    return CRS.from_authority(found[0].auth_name, found[0].code)
