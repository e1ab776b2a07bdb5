"""Polygons in plain arrays of bytes: the files between jobs hold no Python objects."""

from __future__ import annotations

import numpy as np
import shapely


def packed(shapes: np.ndarray | list) -> dict[str, np.ndarray]:
    """Geometries as WKB, one after another, and where each ends."""
    words = shapely.to_wkb(np.asarray(shapes, dtype=object))
    ends = np.cumsum([len(word) for word in words])
    return {"wkb": np.frombuffer(b"".join(words), np.uint8), "ends": ends}


def unpacked(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """The geometries again."""
    whole, ends = arrays["wkb"].tobytes(), arrays["ends"].tolist()
    return shapely.from_wkb([whole[a:b] for a, b in zip([0, *ends], ends, strict=False)])
