"""The household grids of a study's own communities."""

from __future__ import annotations

from lifecircle.errors import Fault, InputError
from lifecircle.household_grids.grids import GridProposal, propose_grids
from lifecircle.network import build_network
from lifecircle.sources import read_inputs
from lifecircle.study import Study

__all__ = ["household_grids"]


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
