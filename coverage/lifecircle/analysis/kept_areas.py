"""Service areas and rasters that are kept from run to run: what each is made from, and its bytes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from lifecircle.content_store import ContentStore, Reused, content_key
from lifecircle.network import Network, ODPoints

__all__ = ["kept_areas", "keys_of_services"]

_FIGURES: Final = ("minutes", "reached_m", "unreached_m", "area_m2")


def keys_of_services(kind: str, network: Network, od: ODPoints, **shared: Any) -> dict[str, str]:
    """The key of what is drawn for each service: its entries, the streets, and what all services share.

    Parameters
    ----------
    kind
        What is drawn.
    network, od
        The streets, and the entries joined to them.
    **shared
        All else that it depends on, as `content_key` takes it.
    """
    snaps = od.destinations.snaps
    delay_s = snaps.labels["delay_s"].to_numpy(np.float64)
    keys = {}
    for service in sorted(set(od.service)):
        rows = np.flatnonzero(od.service == service)
        mine = snaps.take(rows)
        keys[str(service)] = content_key(
            kind,
            network=network.contents,
            places=gpd.GeoSeries(od.places.iloc[rows]),
            delay_s=delay_s[rows],
            max_snap_m=float(mine.max_snap_m),
            joined=(
                mine.edge, mine.offset_mm, mine.access_mm, mine.x, mine.y,
                mine.component, mine.status, mine.from_x, mine.from_y,
            ),
            **shared,
        )  # fmt: skip
    return keys


def kept_areas(
    store: ContentStore,
    keys: Mapping[str, str],
    draw: Callable[[NDArray[np.object_]], gpd.GeoDataFrame],
    *,
    crs: CRS,
) -> tuple[gpd.GeoDataFrame, Reused]:
    """The areas of services, those that are kept as they are, the others drawn now and kept.

    Parameters
    ----------
    store
        Where they are kept.
    keys
        By service, as `keys_of_services`.
    draw
        Draws the areas of some services, as `service_areas` tells them by ``facility``.
    crs
        That of the areas.

    Returns
    -------
    GeoDataFrame, Reused
        As `draw` would tell all services, and which of them were kept.
    """
    held, reused = store.take(keys)
    tables = [_table(service, arrays, crs) for service, arrays in held.items()]
    if reused.computed or not keys:
        drawn = draw(np.array(reused.computed, dtype=object))
        for service in reused.computed:
            store.keep(keys[service], _arrays(drawn[drawn["facility"] == service]))
        tables.append(drawn)
    whole = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
    return whole.sort_values(["facility", "minutes"], ignore_index=True), reused


def _arrays(own: gpd.GeoDataFrame) -> dict[str, NDArray[Any]]:
    """One service's areas as arrays."""
    binary = shapely.to_wkb(own.geometry.to_numpy())
    return {
        **{name: own[name].to_numpy(np.float64) for name in _FIGURES},
        "size": np.array([len(one) for one in binary], np.int64),
        "wkb": np.frombuffer(b"".join(binary), np.uint8),
    }


def _table(service: str, arrays: Mapping[str, NDArray[Any]], crs: CRS) -> gpd.GeoDataFrame:
    """One service's areas as they were drawn."""
    whole, ends = arrays["wkb"].tobytes(), np.cumsum(arrays["size"]).tolist()
    binary = [whole[start:end] for start, end in itertools.pairwise([0, *ends])]
    figures = {name: arrays[name] for name in _FIGURES}
    return gpd.GeoDataFrame({"facility": service, **figures}, geometry=shapely.from_wkb(binary), crs=crs)
