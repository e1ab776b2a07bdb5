"""The main job on one screen: study → inputs → network → travel times → findings → results → files."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from lifecircle import products
from lifecircle.assessment import (
    assess,
    catchments,
    community_figures,
    gaps,
    needed_travel,
    priorities,
    scorecard,
)
from lifecircle.errors import Fault, Faults, InputError
from lifecircle.network import Journeys, Network, build_network, journeys, life_circles, travel_times
from lifecircle.plans import Plan, find_plans, needs
from lifecircle.sources import read_inputs
from lifecircle.study import Study
from lifecircle.study.quick import study_toml
from lifecircle.tables import Inputs, Results

__all__ = ["Run", "check", "run"]

Listener = Callable[[str, int, int], None]
"""Told of every stage: its key, its number, how many there are."""

RUN_STAGES = (
    "plans",
    "inputs",
    "network",
    "travel",
    "assessment",
    "circles",
    "isochrones",
    "catchments",
    "rasters",
)
WRITE_STAGES = ("write-tables", "write-map")


def run(study: Study, *, jobs: int | None = None, tell: Listener | None = None) -> Run:
    """Read, route, measure and assess a study. Writes nothing.

    Parameters
    ----------
    study
        As `Study.from_file` reads it.
    jobs
        Threads; all cores where None. Results do not depend on it.
    tell
        Called at the start of every stage.

    Raises
    ------
    InputError
        With every fault of the inputs at once.
    """
    stage = _Stages((*RUN_STAGES, *WRITE_STAGES), tell)
    assumptions = study.assumptions
    ready = _prepare(study, stage)
    plans, inputs, network, walks = ready.plans, ready.inputs, ready.network, ready.walks
    with stage("travel"):
        travel = travel_times(network, walks, threads=jobs)
    with stage("assessment"):
        findings = assess(
            plans,
            inputs,
            travel,
            assumptions,
            covers_whole=study.study.covers_whole,
            jurisdiction=study.study.jurisdiction,
            as_of=study.study.as_of or dt.datetime.now(tz=dt.UTC).date(),
            neighbours=products.neighbours(network, inputs, plans, assumptions),
        )
        communities = community_figures(inputs, travel, plans, assumptions)
        people_out_of_reach = gaps(inputs, travel, plans, assumptions)
        moved = products.sensitivity_of(plans, inputs, walks, travel, assumptions)
    with stage("circles"):
        circles = life_circles(
            network,
            inputs,
            walks,
            minutes=assumptions.circle_minutes,
            origin=assumptions.circle_origin,
            threads=jobs,
        )
        circles = products.with_tiers(circles, communities)
    with stage("isochrones"):
        areas = products.service_isochrones(network, inputs, walks, jobs=jobs)
    with stage("catchments"):
        served = catchments(inputs, travel, plans, assumptions)
        served = products.with_catchment_areas(served, network, inputs, walks)
    with stage("rasters"):
        rasters = products.minute_rasters(network, inputs, walks, assumptions=assumptions, jobs=jobs)
    return Run(
        inputs=inputs,
        travel=travel,
        snaps=walks.frame(),
        findings=findings,
        communities=communities,
        circles=circles,
        isochrones=areas,
        catchments=served,
        gaps=people_out_of_reach,
        proposals=products.no_proposals(inputs.crs),
        rasters=rasters,
        plans=tuple(products.about(plan, assumptions) for plan in plans),
        services=products.service_names(),
        assumptions=assumptions.model_dump(),
        settings=study.model_dump(mode="json"),
        timings=stage.timings,
        scorecard=scorecard(findings, [plan.id for plan in plans]),
        priorities=priorities(findings, inputs),
        sensitivity=moved,
        study=study,
    )


def check(study: Study) -> Inputs:
    """Read and validate every input of a study, join its points to the streets, and measure nothing.

    Returns
    -------
    Inputs
        With every remark on data quality that a run would make.

    Raises
    ------
    InputError
        With every fault at once.
    """
    return _prepare(study, _Stages(RUN_STAGES, None)).inputs


@dataclass(frozen=True)
class _Prepared:
    """A study whose inputs are read and joined to the streets."""

    plans: tuple[Plan, ...]
    inputs: Inputs
    network: Network
    walks: Journeys


def _prepare(study: Study, stage: _Stages) -> _Prepared:
    """Everything that can be wrong with a study's inputs shows here; plans and inputs are told together."""
    assumptions = study.assumptions
    with stage("plans"):
        plans = _plans(study)
        needed = needed_travel(plans, assumptions)
    with stage("inputs"):
        columns = {name for plan in plans for rule in needs(plan).values() for name in rule.columns}
        inputs = read_inputs(study, cutoff_m=needed.cutoff_m, columns=columns)
    with stage("network"):
        network = build_network(
            inputs.streets,
            crs=inputs.crs,
            speed_kmh=study.speed_kmh,
            min_component_m=assumptions.min_component_m,
        )
        # a community's tier is told whatever the plans ask
        services = sorted({*needed.services, *assumptions.circle_types})
        walks = journeys(network, inputs, services, max_snap_m=assumptions.max_snap_m)
    return _Prepared(plans, products.with_snap_remarks(inputs, walks), network, walks)


@dataclass(frozen=True)
class Run(Results):
    """A finished study, which can write itself."""

    study: Study

    @property
    def demand(self) -> gpd.GeoDataFrame:
        """Demand points, with minutes to the nearest facility of every service."""
        minutes = self.travel.minutes.add_prefix("minutes_")
        return self.inputs.demand.join(minutes, on="demand")

    @property
    def facilities(self) -> gpd.GeoDataFrame:
        """Facilities of the study, one row per service they offer."""
        return self.inputs.facilities

    def write(self, folder: str | Path, *, lang: str | None = None, tell: Listener | None = None) -> Path:
        """Write every output into a folder, whose old results are replaced all at once or not at all.

        Parameters
        ----------
        folder
            Made where it is missing. Files in it that no run wrote are kept.
        lang
            zh or en; the study's own where None.
        tell
            Called at the start of every stage.

        Raises
        ------
        InputError
            If the folder cannot be written or another run is writing it.
        """
        from lifecircle import outputs  # noqa: PLC0415  folium is slow to import

        spoken = lang or self.study.study.language
        stage = _Stages((*RUN_STAGES, *WRITE_STAGES), tell)
        target = Path(folder)
        with outputs.replaced_folder(target) as fresh:
            with stage("write-tables"):
                outputs.write_deficits_csv(self, fresh / "deficits.csv", lang=spoken)
                outputs.write_workbook(self, fresh / "deficits.xlsx", lang=spoken)
                outputs.write_layers(self, fresh / "study.gpkg", lang=spoken)
                outputs.write_rasters(self, fresh / "rasters", lang=spoken)
            with stage("write-map"):
                outputs.write_gap_map(self, fresh / "gap_map.html", lang=spoken)
                outputs.write_report_html(self, fresh / "report.html", lang=spoken)
                maps = outputs.write_static_maps(self, fresh / "maps", lang=spoken)
                outputs.write_report_docx(self, fresh / "report.docx", maps=maps, lang=spoken)
            if self.study.path is None and self.study.area.grid is not None:
                (fresh / "study.toml").write_text(study_toml(self.study, target.resolve()), encoding="utf-8")
            finished = dataclasses.replace(self, timings={**self.timings, **stage.timings})
            outputs.write_manifest(finished, fresh / outputs.MANIFEST)
        return target


def _plans(study: Study) -> tuple[Plan, ...]:
    """The plans judged by; where they cannot be had, the faults of the inputs are told with theirs."""
    plans: tuple[Plan, ...] = ()
    faults = Faults()
    if not study.study.plans:
        faults.add(Fault("no-plan", file=str(study.path or ""), field="study.plans"))
    try:
        plans = find_plans(study.study.plans)
    except InputError as error:
        faults.extend(error.faults)
    if faults:
        try:
            read_inputs(study, cutoff_m=0.0)
        except InputError as error:
            faults.extend(error.faults)
    faults.raise_if_any()
    return plans


class _Stages:
    """Times stages and tells of them."""

    def __init__(self, order: tuple[str, ...], tell: Listener | None) -> None:
        self._order, self._tell = order, tell
        self.timings: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """One stage, from start to end."""
        if self._tell:
            self._tell(name, self._order.index(name) + 1, len(self._order))
        start = time.perf_counter()
        yield
        self.timings[name] = time.perf_counter() - start
