"""``lifecircle grids``: the file of proposed household grids, and what the terminal says of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyogrio

from lifecircle.cli.files import replacing, require_format
from lifecircle.household_grids import GridProposal
from lifecircle.tables import WGS84

__all__ = ["grid_figures", "write_household_grids"]


def write_household_grids(proposal: GridProposal, output: Path) -> None:
    """Write layers ``grids`` and ``points`` (WGS 84) and the table ``communities`` to a GeoPackage.

    The first layer reads back as ``[[areas]] kind = "grid"``.
    """
    require_format(output, (".gpkg",))
    with replacing(output) as fresh:
        proposal.grids.to_crs(WGS84).to_file(fresh, layer="grids", engine="pyogrio")
        proposal.points.to_crs(WGS84).to_file(fresh, layer="points", engine="pyogrio")
        pyogrio.write_dataframe(proposal.communities, fresh, layer="communities")


def grid_figures(proposal: GridProposal) -> Mapping[str, float]:
    """What the terminal says of a proposal: communities divided, grids, sizes, evenness, workers."""
    homes, grids = proposal.communities, proposal.grids
    divided = homes[homes["made"] > 0]
    return {
        "communities": len(homes),
        "divided": len(divided),
        "grids": len(grids),
        "mean": float(grids["households"].mean()) if len(grids) else 0.0,
        "even": int(divided["even"].astype(bool).sum()),
        "tenth": int((divided["spread"] <= 0.1 + 1e-9).sum()),
        "least": int(divided["workers_least"].sum()),
        "most": int(divided["workers_most"].sum()),
        "no_households": int((homes["reason"] == "no-households").sum()),
        "no_scope": int((homes["reason"] == "no-scope").sum()),
        "few_points": int((homes["reason"] == "few-points").sum()),
    }
