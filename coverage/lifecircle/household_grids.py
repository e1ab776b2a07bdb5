"""From a study's own files to a file of proposed household grids."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyogrio

from lifecircle.commands import replacing, require_format
from lifecircle.errors import Fault, InputError
from lifecircle.network import build_network
from lifecircle.siting.grids import GridProposal, propose_grids
from lifecircle.sources import read_inputs
from lifecircle.study import Study
from lifecircle.tables import WGS84

__all__ = ["grid_figures", "household_grids", "write_household_grids"]


def household_grids(
    study: Study, *, urban_households: float = 500.0, rural_households: float = 300.0
) -> GridProposal:
    """Divide a study's communities into household grids along its streets (`siting.grids.propose_grids`).

    Raises
    ------
    InputError
        With every fault of the inputs; or if the study has cells in place of communities.
    """
    if study.area.grid is not None:
        raise InputError(
            Fault(
                "grids-of-cells",
                file=str(study.path or ""),
                field="area.grid",
                values={"found": study.area.grid},
            )
        )
    inputs = read_inputs(study, cutoff_m=0.0)
    network = build_network(inputs.streets, crs=inputs.crs, min_component_m=study.assumptions.min_component_m)
    return propose_grids(
        network,
        inputs,
        urban_households=urban_households,
        rural_households=rural_households,
        max_snap_m=study.assumptions.max_snap_m,
    )


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
