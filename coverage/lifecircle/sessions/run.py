"""Whole results: everything that is made beside the findings, and the folder it is written to."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from lifecircle import products
from lifecircle.assessment import catchments, community_figures, gaps, priorities, scorecard, turned
from lifecircle.network import life_circles
from lifecircle.sessions.sites import no_sites
from lifecircle.stages import Listener, Stages
from lifecircle.study import MapSettings, Study
from lifecircle.study.quick import study_toml
from lifecircle.tables import EFFECTS, GAINERS, SCENARIOS, Results, Scenario, TableSpec

if TYPE_CHECKING:
    from lifecircle.sessions.session import Assessed, Session
    from lifecircle.siting import Proposals

__all__ = ["Run", "finished", "with_scenarios"]


@dataclass(frozen=True)
class Run(Results):
    """A finished study, which can write itself."""

    study: Study
    session: Session = field(repr=False, compare=False)
    """What it was made of: asks further scenarios without reading anything again."""

    @property
    def demand(self) -> gpd.GeoDataFrame:
        """Demand points, with minutes to the nearest facility of every service."""
        minutes = self.travel.minutes.add_prefix("minutes_")
        return self.inputs.demand.join(minutes, on="demand")

    @property
    def facilities(self) -> gpd.GeoDataFrame:
        """Facilities of the study, one row per service they offer."""
        return self.inputs.facilities

    def with_proposals(self, proposals: Proposals, *, jobs: int | None = None) -> Run:
        """The same results with proposed sites and what they change, beside the present state.

        Parameters
        ----------
        proposals
            As `propose_sites` made them of this run or of its session.
        jobs
            Threads.

        Returns
        -------
        Run
            ``proposals`` with ``turned_met`` and ``closes``: the verdicts that each site turns from short to
            met when it opens after those ranked before it; and a further scenario of kind ``proposal``.
        """
        sites = proposals.sites.sort_values("rank")
        name = proposals.name
        taken = set(self.scenarios["scenario"])
        while name in taken:
            name += "+"
        steps = [
            self.session.assess(_opened(name, sites.iloc[: count + 1]), jobs=jobs)
            for count in range(len(sites))
        ]
        layer = sites.to_crs(self.inputs.crs).assign(**_closing(self.session, steps))
        grown = dataclasses.replace(self, proposals=layer)
        return with_scenarios(grown, steps[-1:])

    def write(
        self,
        folder: str | Path,
        *,
        lang: str | None = None,
        basemap: MapSettings | None = None,
        tell: Listener | None = None,
    ) -> Path:
        """Write every output into a folder, whose old results are replaced all at once or not at all.

        Parameters
        ----------
        folder
            Made where it is missing. Files in it that no run wrote are kept.
        lang
            zh or en; the study's own where None.
        basemap
            What lies under the gap map; as the study's ``[map]`` says where None.
        tell
            Called at the start of every stage.

        Raises
        ------
        InputError
            If the folder cannot be written or another run is writing it.
        """
        from lifecircle import outputs  # noqa: PLC0415  folium is slow to import

        spoken = lang or self.study.study.language
        stage = Stages(tell)
        target = Path(folder)
        asked = basemap or self.study.map
        below = outputs.basemap(
            asked.basemap,
            page=target.resolve() / "gap_map.html",
            tianditu_key=asked.tianditu_key.get_secret_value(),
            tiles=asked.tiles,
            credit=asked.credit,
            max_zoom=asked.max_zoom,
        )
        with outputs.replaced_folder(target) as fresh:
            with stage("write-tables"):
                outputs.write_deficits_csv(self, fresh / "deficits.csv", lang=spoken)
                outputs.write_workbook(self, fresh / "deficits.xlsx", lang=spoken)
                outputs.write_layers(self, fresh / "study.gpkg", lang=spoken)
                outputs.write_rasters(self, fresh / "rasters", lang=spoken)
                if len(self.scenarios):
                    outputs.write_effects_csv(self, fresh / "effects.csv")
            with stage("write-map"):
                outputs.write_gap_map(self, fresh / "gap_map.html", lang=spoken, basemap=below)
                outputs.write_report_html(self, fresh / "report.html", lang=spoken)
                maps = outputs.write_static_maps(self, fresh / "maps", lang=spoken)
                outputs.write_report_docx(self, fresh / "report.docx", maps=maps, lang=spoken)
            if self.study.path is None and self.study.area.grid is not None:
                (fresh / "study.toml").write_text(study_toml(self.study, target.resolve()), encoding="utf-8")
            done = dataclasses.replace(self, timings={**self.timings, **stage.timings})
            outputs.write_manifest(done, fresh / outputs.MANIFEST)
        return target


def finished(assessed: Assessed, beside: Sequence[Assessed], stage: Stages, *, jobs: int | None) -> Run:
    """Make everything that stands beside the findings.

    Parameters
    ----------
    assessed
        The state the results are of.
    beside
        Scenarios whose effects are told with them.
    stage
        Times and tells of the stages.
    jobs
        Threads.
    """
    session, at = assessed.session, assessed.situation
    study, plans, network, walks, travel = session.study, session.ready.plans, at.network, at.walks, at.travel
    assumptions, findings = study.assumptions, assessed.findings
    inputs = products.with_snap_remarks(at.inputs, walks)
    communities = community_figures(inputs, travel, plans, assumptions)
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
    made = Run(
        inputs=inputs,
        travel=travel,
        snaps=walks.frame(),
        findings=findings,
        communities=communities,
        circles=circles,
        isochrones=areas,
        catchments=served,
        gaps=gaps(inputs, travel, plans, assumptions),
        proposals=products.no_proposals(inputs.crs),
        rasters=rasters,
        plans=assessed.plans,
        services=products.service_names(),
        assumptions=assessed.assumptions,
        settings=assessed.settings,
        timings={**session.timings, **stage.timings},
        scorecard=scorecard(findings, [plan.id for plan in plans]),
        priorities=priorities(findings, inputs),
        sensitivity=products.sensitivity_of(plans, inputs, walks, travel, assumptions),
        study=study,
        session=session,
    )
    return with_scenarios(made, beside)


def with_scenarios(run: Run, beside: Sequence[Assessed]) -> Run:
    """The same results with further scenarios beside them."""
    if not beside:
        return run
    there = run.scenario_sites if run.scenario_sites is not None else no_sites(run.inputs.crs)
    sites = [table for table in (there, *(one.sites for one in beside)) if len(table)]
    return dataclasses.replace(
        run,
        scenarios=_together(SCENARIOS, [run.scenarios, *(one.summary for one in beside)]),
        effects=_together(EFFECTS, [run.effects, *(one.effects for one in beside)]),
        gainers=_together(GAINERS, [run.gainers, *(one.gainers for one in beside)]),
        scenario_sites=pd.concat(sites, ignore_index=True) if sites else there,
    )


def _together(spec: TableSpec, tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables one below the other; empty ones say nothing of dtypes."""
    some = [table for table in tables if len(table)]
    return spec.check(pd.concat(some, ignore_index=True)) if some else spec.empty()


def _opened(name: str, sites: gpd.GeoDataFrame) -> Scenario:
    """Proposed sites as new facilities."""
    new = sites.assign(facility=[f"proposal:{site}" for site in sites["proposal"]], name=sites["proposal"])
    return Scenario(name=name, add=new[["facility", "service", "name", "geometry"]], kind="proposal")


def _closing(session: Session, steps: Sequence[Assessed]) -> dict[str, list[object]]:
    """What each site turns from short to met after those before it: how many, and which."""
    counts: list[object] = []
    names: list[object] = []
    before = session.now.judgements.findings
    for step in steps:
        verdicts = turned(before, step.findings)
        met = verdicts[verdicts["status_after"] == "met"]
        counts.append(len(met))
        names.append("; ".join(f"{row.rule} {row.code}" for row in met.itertuples()))
        before = step.findings
    return {"turned_met": counts, "closes": names}
