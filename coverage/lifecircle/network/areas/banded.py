"""Isochrones as a table that draws itself: narrower areas on top of wider ones, graded by minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
from geopandas.plotting import GeoplotAccessor

from lifecircle.extras import require_extra

if TYPE_CHECKING:
    import folium
    from matplotlib.axes import Axes

__all__ = ["BandedAreas"]

_MOST_LEGEND_ENTRIES: Final = 12
"""More limits than these are drawn as a scale and not each by itself."""
_COLOURS: Final = "viridis"
_BESIDE_THE_MAP: Final[Mapping[str, Any]] = MappingProxyType(
    {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.0}
)
_TILES_POSITION: Final = 4
"""After ``column``, geopandas takes ``cmap, color, m, tiles`` by position."""


class BandedAreas(gpd.GeoDataFrame):  # type: ignore[misc]
    """A GeoDataFrame of areas within ``minutes``, whose maps show the narrower areas on top of the wider.

    ``plot()`` and ``explore()`` take what geopandas' take. Left to themselves they colour by ``minutes``,
    with a legend, and ``explore()`` fetches no background. Everything else is a GeoDataFrame's, the order
    of the rows, too.

    Examples
    --------
    >>> from shapely import Point
    >>> discs = [Point(0, 0).buffer(minutes) for minutes in (5, 15)]
    >>> areas = BandedAreas({"minutes": [5.0, 15.0]}, geometry=discs, crs="EPSG:3857")
    >>> [len(drawn.get_paths()) for drawn in areas.plot().collections]
    [2]
    """

    @property
    def _constructor(self) -> Any:
        """What slices and copies are made with."""
        usual = super()._constructor
        return lambda *args, **kwargs: _banded(usual(*args, **kwargs))

    def _constructor_from_mgr(self, mgr: Any, axes: Any) -> Any:
        """The same, from pandas' own blocks."""
        return _banded(super()._constructor_from_mgr(mgr, axes))

    @property
    def plot(self) -> _WideFirst:
        """Draw the areas with matplotlib, narrower ones on top: `geopandas.GeoDataFrame.plot`."""
        return _WideFirst(self)

    def explore(self, column: Any = None, *args: Any, **kwargs: Any) -> folium.Map:
        """Draw the areas on a folium map, narrower ones on top: `geopandas.GeoDataFrame.explore`.

        There is no background, so that nothing is fetched, unless ``tiles`` names one
        (``tiles="OpenStreetMap"``).

        Raises
        ------
        InputError
            If the extra ``report`` (folium) is missing.
        """
        require_extra("report")
        if len(args) < _TILES_POSITION:
            kwargs.setdefault("tiles", None)
        areas, column = _wide_first(self, column, kwargs)
        if not (isinstance(column, str) and column == "minutes"):
            return areas.explore(column, *args, **kwargs)
        usual: dict[str, Any] = {"cmap": _COLOURS}
        if limits := _limits(areas, kwargs):
            column = np.array([_words(one) for one in areas["minutes"]])
            usual |= {"categorical": True, "categories": [_words(one) for one in limits]}
        return areas.explore(column, *args, **{**usual, **kwargs})


class _WideFirst(GeoplotAccessor):  # type: ignore[misc]
    """Geopandas' plot, of areas in the order in which they are to be drawn."""

    def __call__(self, column: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Draw; other kinds of chart than maps are pandas' own."""
        if kwargs.get("kind", "geo") != "geo":
            return super().__call__(*([] if column is None else [column]), *args, **kwargs)
        require_extra("report")
        areas, column = _wide_first(self._parent, column, kwargs)
        if not (isinstance(column, str) and column == "minutes"):
            return areas.plot(column, *args, **kwargs)
        limits = _limits(areas, kwargs)
        if not limits:
            return areas.plot(column, *args, **{"cmap": _COLOURS, "legend": True, **kwargs})
        return _graded(areas, limits, *args, **kwargs)


def _graded(
    areas: gpd.GeoDataFrame,
    limits: Sequence[float],
    *args: Any,
    cmap: Any = _COLOURS,
    legend: bool = True,
    legend_kwds: Mapping[str, Any] | None = None,
    **options: Any,
) -> Axes:
    """One colour for each limit, graded, in the order of the rows: geopandas draws classes in their own."""
    import matplotlib as mpl  # noqa: PLC0415  # slow to import
    from matplotlib.patches import Patch  # noqa: PLC0415

    shades = mpl.colormaps[cmap] if isinstance(cmap, str) else cmap
    colour = dict(zip(limits, shades(np.linspace(0.0, 1.0, len(limits))), strict=True))
    options.pop("categorical", None)
    axes = areas.plot(None, *args, color=[colour[one] for one in areas["minutes"]], **options)
    if legend:
        entries = [
            Patch(facecolor=colour[one], alpha=options.get("alpha"), label=_words(one)) for one in limits
        ]
        asked = dict(legend_kwds or {})
        place = {} if "loc" in asked else _BESIDE_THE_MAP
        axes.legend(**{"handles": entries, **place, **asked})
    return axes


def _banded(table: Any) -> Any:
    """A table as `BandedAreas` where it still has shapes and minutes."""
    if type(table) is gpd.GeoDataFrame and "minutes" in table:
        table.__class__ = BandedAreas
    return table


def _wide_first(areas: BandedAreas, column: Any, options: Mapping[str, Any]) -> tuple[gpd.GeoDataFrame, Any]:
    """The areas with the widest first, and what colours them: ``minutes`` unless something else is asked."""
    if "minutes" not in areas:
        return gpd.GeoDataFrame(areas), column
    order = areas["minutes"].argsort(kind="stable").to_numpy()[::-1]
    if column is None and not {"color", "facecolor"} & options.keys():
        column = "minutes"
    if column is not None and not isinstance(column, str):
        column = np.asarray(column)[order]
    return gpd.GeoDataFrame(areas.iloc[order]), column


def _limits(areas: gpd.GeoDataFrame, options: Mapping[str, Any]) -> list[float]:
    """The limits, each to be drawn in a colour of its own; none where a scale or classes are asked for."""
    limits = sorted(set(areas["minutes"]))
    asked = {"scheme", "vmin", "vmax", "norm"} & options.keys() or options.get("categorical") is False
    return [] if asked or len(limits) > _MOST_LEGEND_ENTRIES else limits


def _words(minutes: float) -> str:
    """A limit in a legend."""
    return f"{minutes:g} min"
