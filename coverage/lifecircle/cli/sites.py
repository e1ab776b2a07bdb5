"""``lifecircle site`` and ``lifecircle grids``: what they propose, its files, what the terminal says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyogrio

from lifecircle import outputs
from lifecircle.analysis.measure import build_results
from lifecircle.analysis.prepare import plans_and_services
from lifecircle.analysis.run import prepare
from lifecircle.analysis.session import Session
from lifecircle.cli.files import crs_of_tables, read_layer, require_format
from lifecircle.errors import Faults, InputError
from lifecircle.extras import require_extra
from lifecircle.household_grids import HouseholdGridProposal
from lifecircle.plans import services_of
from lifecircle.siting import Proposals, propose_sites
from lifecircle.siting.request import check_request
from lifecircle.stages import Listener, Stages
from lifecircle.study import Study
from lifecircle.tables import WGS84

__all__ = [
    "grid_figures",
    "proposals_for",
    "require_answerable",
    "require_target",
    "write_household_grids",
    "write_proposals",
]

_LAYERS = (".gpkg", ".geojson")


def require_target(output: Path) -> None:
    """Refuse a file or folder that could not be written, before anything is computed.

    Raises
    ------
    InputError
        If a name with an ending is none of a layer, or the place cannot be written.
    """
    if output.suffix and not output.is_dir():
        require_format(output, _LAYERS)
    else:
        require_extra("report")
        outputs.require_writable(output)


def require_answerable(
    study: Study, *, service: str, new: int | None, rule: str | None, objective: str
) -> None:
    """Refuse what no study under these plans could answer, before anything is read.

    Raises
    ------
    InputError
        With everything wrong with the options, each by its name on the command line.
    """
    plans, routed = plans_and_services(study)
    try:
        with services_of(study):
            check_request(plans, routed, service=service, new=new, rule=rule, objective=objective)
    except InputError as error:
        raise InputError(
            replace(fault, field=", ".join(f"--{name}" for name in fault.field.split(",")))
            for fault in error.faults
        ) from None


def proposals_for(
    study: Study,
    service: str,
    *,
    candidates: Path | None,
    crs: str | None,
    jobs: int | None,
    tell: Listener | None,
    **asked: Any,
) -> tuple[Proposals, Session]:
    """Judge a study and propose sites (`siting.propose_sites`, whose arguments `asked` holds).

    Candidates are a layer of points or parcels with a column ``id``, or a table with ``id``, ``x``, ``y``: in
    degrees unless `crs` says the system.
    """
    faults, places = Faults(), None
    if candidates is not None:
        with faults.collect():
            (said,) = crs_of_tables(crs, candidates)
            places = read_layer(candidates, shape="any", required=("id",), crs=said).set_index("id")
    with faults.collect():
        session = prepare(study, jobs=jobs, tell=tell)
    faults.raise_if_any()
    proposals = propose_sites(
        session.present, service, network=session.baseline.network, candidates=places, **asked
    )
    return proposals, session


def write_proposals(
    proposals: Proposals,
    session: Session,
    output: Path,
    *,
    lang: str | None,
    jobs: int | None,
    tell: Listener | None,
) -> None:
    """Write the sites as a layer (WGS 84), or a whole folder of results in which they stand.

    In the folder the sites are the layer ``proposals`` with what each closes, and a scenario: effects.csv,
    sheets of deficits.xlsx, the map.
    """
    if output.suffix and not output.is_dir():
        with outputs.replaced_file(output) as fresh:
            proposals.sites.to_crs(WGS84).to_file(fresh, layer="proposals", engine="pyogrio")
        return
    stages = Stages(tell, session.study.path)
    with stages("scenarios"):
        scenarios = [session.assess(scenario, jobs=jobs) for scenario in session.scenarios]
    run = build_results(session.present, scenarios, stages, jobs=jobs)
    run.with_proposals(proposals, jobs=jobs).write(output, lang=lang, tell=tell, jobs=jobs)


def write_household_grids(proposal: HouseholdGridProposal, output: Path) -> None:
    """Write layers ``grids`` and ``points`` (WGS 84) and the table ``communities`` to a GeoPackage.

    The first layer reads back as ``[[areas]] kind = "grid"``.
    """
    require_format(output, (".gpkg",))
    with outputs.replaced_file(output) as fresh:
        proposal.grids.to_crs(WGS84).to_file(fresh, layer="grids", engine="pyogrio")
        proposal.points.to_crs(WGS84).to_file(fresh, layer="points", engine="pyogrio")
        pyogrio.write_dataframe(proposal.communities, fresh, layer="communities")


def grid_figures(proposal: HouseholdGridProposal) -> Mapping[str, float]:
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
