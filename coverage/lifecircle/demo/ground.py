"""The ground plan: a warped lattice whose lines become streets, whose cells become blocks.

Everything inside the built-up area hangs on one lattice of points about 27 m apart. Its main lines are
the arterials; one strip between two of them holds the river, another the railway. The lattice is bent by
smooth waves, so that nothing is straight, and roughened in the old town, so that its lanes wind. Because
streets, estates and community borders all use the same points, they meet exactly.

Coordinates are metres east and north of the city's centre in UTM zone 48 N.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from scipy.ndimage import gaussian_filter, map_coordinates

Metres: TypeAlias = NDArray[np.float64]

UTM: Final = CRS.from_epsg(32648)
CENTRE_LON, CENTRE_LAT = 103.8, 40.4
STEP_M: Final = 27.5

COLUMNS: Final = (
    -4700, -4150, -3600, -3000, -2450, -1900, -1400, -1000, -600, -200, 200, 600, 1000, 1450,
    2000, 2550, 2650, 3300, 3950, 4650, 5350,
)  # fmt: skip
"""Where the north-south arterials run before they are bent."""
ROWS: Final = (
    -4600, -4000, -3400, -2800, -2250, -1750, -1450, -1100, -750, -400, -50, 300, 650, 1000,
    1550, 2150, 2750, 3350, 3950,
)  # fmt: skip
RAIL_COLUMN: Final = 15
"""The strip between columns 15 and 16 belongs to the railway."""
RIVER_ROW: Final = 5
"""The strip between rows 5 and 6 belongs to the river."""
BRIDGE_COLUMNS: Final = (1, 5, 8, 12, 18)
UNDERPASS_ROWS: Final = (2, 7, 10, 13, 16)
FOOT_UNDERPASS_ROWS: Final = (4, 15)
RIVER_WIDTH_M: Final = 150.0

__all__ = [
    "BRIDGE_COLUMNS",
    "COLUMNS",
    "FOOT_UNDERPASS_ROWS",
    "RAIL_COLUMN",
    "RIVER_ROW",
    "RIVER_WIDTH_M",
    "ROWS",
    "STEP_M",
    "UNDERPASS_ROWS",
    "UTM",
    "Ground",
    "Metres",
    "bend",
    "lay_out",
    "to_lon_lat",
    "utm_origin",
]


def utm_origin() -> tuple[float, float]:
    """Easting and northing of the city's centre, whole hundreds of metres."""
    x, y = Transformer.from_crs(4326, UTM, always_xy=True).transform(CENTRE_LON, CENTRE_LAT)
    return round(x, -2), round(y, -2)


def to_lon_lat(x: ArrayLike, y: ArrayLike) -> tuple[Metres, Metres]:
    """City metres to WGS 84 degrees."""
    east, north = utm_origin()
    lon, lat = Transformer.from_crs(UTM, 4326, always_xy=True).transform(
        np.asarray(x, dtype=np.float64) + east, np.asarray(y, dtype=np.float64) + north
    )
    return np.asarray(lon), np.asarray(lat)


def bend(x: ArrayLike, y: ArrayLike) -> tuple[Metres, Metres]:
    """Move points of the straight plan to where they lie: ring roads rounded, waved along the river, turned.

    Smooth and one to one, and defined far beyond the city, so that river and railway run on.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    radius = np.hypot(x, y)
    inward = 0.15 * np.sin(2.0 * np.arctan2(y, x)) ** 2 * (1.0 - np.exp(-((radius / 1800.0) ** 2)))
    round_x, round_y = x * (1.0 - inward), y * (1.0 - inward)
    river_y = (ROWS[RIVER_ROW] + ROWS[RIVER_ROW + 1]) / 2
    near_river = np.exp(-(((y - river_y) / 2400.0) ** 2))
    east = round_x + 110.0 * np.sin(y / 1500.0 + 0.6) + 60.0 * np.sin(x / 900.0 + y / 2100.0)
    north = round_y + near_river * (430.0 * np.sin(x / 1550.0) + 120.0 * np.sin(x / 640.0 + 1.0))
    north += 90.0 * np.sin(x / 1700.0 + 2.0) + 55.0 * np.sin(y / 950.0 - x / 2300.0)
    turn = np.radians(9.0)
    return east * np.cos(turn) - north * np.sin(turn), east * np.sin(turn) + north * np.cos(turn)


@dataclass(frozen=True)
class Ground:
    """The bent lattice and what its blocks are.

    Attributes
    ----------
    x, y : (columns, rows) float64, metres: the lattice points
    column_at, row_at : lattice index of every arterial
    use : (blocks east, blocks north) of ``""`` (not built), ``old``, ``middle``, ``new``, ``river``,
        ``rail``
    """

    x: Metres
    y: Metres
    column_at: NDArray[np.int64]
    row_at: NDArray[np.int64]
    use: NDArray[np.str_]

    @cached_property
    def built(self) -> NDArray[np.bool_]:
        """Blocks where people may live."""
        return np.isin(self.use, ["old", "middle", "new"])

    def block(self, a: int, b: int) -> tuple[int, int, int, int]:
        """Lattice rectangle of a block: first and last column, first and last row."""
        return (
            int(self.column_at[a]), int(self.column_at[a + 1]), int(self.row_at[b]), int(self.row_at[b + 1]),
        )  # fmt: skip

    def outline(self, rect: tuple[int, int, int, int]) -> shapely.Polygon:
        """The area inside a lattice rectangle, a vertex at every lattice point of its outline."""
        west, east, south, north = rect
        wide, high = east - west, north - south
        u = np.r_[west:east, [east] * high, east:west:-1, [west] * high].astype(int)
        v = np.r_[[south] * wide, south:north, [north] * wide, north:south:-1].astype(int)
        return shapely.Polygon(np.column_stack([self.x[u, v], self.y[u, v]]))

    def place(self, u: ArrayLike, v: ArrayLike) -> tuple[Metres, Metres]:
        """Metres of points given in fractional lattice coordinates (bilinear)."""
        at = np.broadcast_arrays(np.asarray(u, dtype=np.float64), np.asarray(v, dtype=np.float64))
        x = map_coordinates(self.x, at, order=1, mode="nearest")
        y = map_coordinates(self.y, at, order=1, mode="nearest")
        return x, y


def lay_out(rng: np.random.Generator) -> Ground:
    """Lay the lattice out, bend it, roughen the old town, and say what every block is for."""
    columns, column_at = _subdivide(COLUMNS)
    rows, row_at = _subdivide(ROWS)
    plain_x, plain_y = np.meshgrid(columns, rows, indexing="ij")
    x, y = bend(plain_x, plain_y)
    old = _smooth_step((1750 - np.abs(plain_x)) / 500) * _smooth_step((1350 - np.abs(plain_y + 200)) / 400)
    rough = 1.2 + 13.0 * old
    x = x + rough * _winding(rng, x.shape)
    y = y + rough * _winding(rng, x.shape)
    return Ground(x=x, y=y, column_at=column_at, row_at=row_at, use=_uses())


def _subdivide(lines: tuple[int, ...]) -> tuple[Metres, NDArray[np.int64]]:
    """Lattice coordinates between the arterials, and the index of every arterial among them."""
    parts, at = [], [0]
    for start, end in pairwise(lines):
        steps = round((end - start) / STEP_M)
        parts.append(np.linspace(start, end, steps, endpoint=False))
        at.append(at[-1] + steps)
    return np.append(np.concatenate(parts), float(lines[-1])), np.array(at, dtype=np.int64)


def _smooth_step(t: Metres) -> Metres:
    """0 below 0, 1 above 1, smooth between."""
    t = np.clip(t, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def _winding(rng: np.random.Generator, shape: tuple[int, ...]) -> Metres:
    """Smooth noise of unit variance, correlated over about 100 m."""
    noise = gaussian_filter(rng.standard_normal(shape), 2.5, mode="nearest")
    return np.asarray(noise / noise.std())


def _uses() -> NDArray[np.str_]:
    """What each block is for: a rounded city, old in the middle, new beyond the railway."""
    use = np.full((len(COLUMNS) - 1, len(ROWS) - 1), "", dtype="<U8")
    middle_x = np.convolve(COLUMNS, [0.5, 0.5], mode="valid")[:, None]
    middle_y = np.convolve(ROWS, [0.5, 0.5], mode="valid")[None, :]
    rounded = np.abs((middle_x - 350) / 5250) ** 3.2 + np.abs((middle_y + 300) / 4450) ** 3.2 < 1
    use[rounded] = "middle"
    use[rounded & (middle_x > COLUMNS[RAIL_COLUMN + 1])] = "new"
    use[rounded & (np.abs(middle_x - 25) < 1430) & (middle_y > ROWS[RIVER_ROW + 1]) & (middle_y < 1000)] = (
        "old"
    )
    use[RAIL_COLUMN, :] = np.where(rounded[RAIL_COLUMN, :], "rail", "")
    use[:, RIVER_ROW] = np.where(rounded[:, RIVER_ROW], "river", "")
    return use
