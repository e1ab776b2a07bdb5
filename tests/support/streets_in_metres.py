"""Networks drawn in metres around one place, so that lengths and areas are arithmetic."""

import geopandas as gpd
import numpy as np
from pyproj import Transformer
from shapely.geometry import LineString, Point
from streets_by_hand import street_table

from lifecircle.network import build_network
from lifecircle.tables import WGS84, local_crs

CRS = local_crs(113.5, 22.2)


def metric_network(places, edges, **options):
    """A network whose nodes lie at `places` (metres east and north of the centre), not renumbered away.

    `edges` are as in `street_table`; every component counts as reachable unless `min_component_m` says
    otherwise.
    """
    x, y = np.asarray(places, float).reshape(-1, 2).T
    lon, lat = Transformer.from_crs(CRS, WGS84, always_xy=True).transform(x, y)
    fields = options.pop("fields", {})
    streets = street_table(np.stack([lon, lat], axis=1), edges, **fields)
    return build_network(streets, crs=CRS, **{"min_component_m": 0.0, **options})


def points(*places, crs=CRS):
    """Points in metres, in the network's CRS or moved to another."""
    return gpd.GeoSeries([Point(place) for place in places], crs=CRS).to_crs(crs)


def line(*places):
    """A line in metres."""
    return LineString(places)
