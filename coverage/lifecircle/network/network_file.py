"""The file of a built network: its arrays and settings, as `array_file` keeps them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from pyproj import CRS

from lifecircle.arguments import require, require_method
from lifecircle.array_file import read_arrays, write_arrays
from lifecircle.network.spatial_graph import SpatialGraph

__all__ = ["read_network_file", "write_network_file"]

GraphT = TypeVar("GraphT", bound=SpatialGraph)

_MAGIC: Final = b"lifecircle network 3\n"
_BACK: Final = {
    "back_indptr": "indptr",
    "back_head": "head",
    "back_cost": "cost",
    "back_edge": "arc_edge",
}
"""Arrays that a symmetric network holds once, under the name of the others."""


def write_network_file(network: SpatialGraph, path: str | Path) -> None:
    """Write a network, all of it or nothing; a file that is there is replaced."""
    # arrays apart from all else; what is derived (`cache`) is derived again
    require_method("digest", "network", network=network)
    require("path", path=path)
    symmetric = getattr(network, "symmetric", False)
    arrays, fields = {}, {"crs": network.crs.to_wkt(), "digest": network.digest}
    for field in dataclasses.fields(network):
        value = getattr(network, field.name)
        if isinstance(value, np.ndarray):
            if not (symmetric and field.name in _BACK):
                arrays[field.name] = value
        elif field.name not in {"crs", "cache"}:
            fields[field.name] = value
    write_arrays(Path(path), _MAGIC, fields, arrays)


def read_network_file(path: str | Path, cls: type[GraphT]) -> GraphT | None:
    """Map a network of some class from disk; None where there is no whole file of this format."""
    require("path", path=path)
    held = read_arrays(Path(path), _MAGIC)
    if held is None:
        return None
    values: dict[str, Any] = {**held[0], **held[1]}
    # what a symmetric network holds once serves both directions
    if values.get("symmetric"):
        values.update({back: values[front] for back, front in _BACK.items()})
    digest = values.pop("digest")
    values["crs"] = CRS.from_wkt(values["crs"])
    values["names"], values["highways"] = tuple(values["names"]), tuple(values["highways"])
    if "named" in values:
        values["named"] = {reason: tuple(names) for reason, names in values["named"].items()}
    network = cls(**values)
    vars(network)["digest"] = digest  # hashing it all again would read every page of the file
    return network
