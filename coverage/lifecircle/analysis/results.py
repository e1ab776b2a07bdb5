"""Results of a run: the measures and tables beside its findings, and the folder they are written to."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from lifecircle.analysis.counties import overview_results, separate_counties, write_counties
from lifecircle.analysis.protocols import AskedSession, AssessedState
from lifecircle.analysis.where_next import described_sites
from lifecircle.assessment import VerdictChanges, headlines, summarise
from lifecircle.errors import InputError
from lifecircle.extras import require_extra
from lifecircle.network import Network
from lifecircle.network.threads import thread_count
from lifecircle.plans import Plan
from lifecircle.stages import Listener, Stages
from lifecircle.study import MapSettings, Study
from lifecircle.study.quick import study_toml_to_leave
from lifecircle.tables import (
    EFFECTS,
    GAINERS,
    SCENARIO_SITES,
    SCENARIOS,
    Results,
    Scenario,
    TableSpec,
    verdict_rows,
)

if TYPE_CHECKING:
    import folium
    from matplotlib.axes import Axes

    from lifecircle.siting import Proposals

__all__ = ["Run", "with_scenarios"]


@dataclass(frozen=True, repr=False)
class Run(Results):
    """A finished study, which can write itself.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> result = lc.run(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> result
    <Run 'Example' communities=2 no-data=27 short=7 report-only=4 met=1>
    >>> result.verdicts.query("status == 'met'")[["rule", "code"]].to_dict("records")
    [{'rule': 'mofcom-circle-supermarket-15min', 'code': '110101001001'}]
    """

    study: Study
    network: Network = field(repr=False, compare=False)
    """The streets it was routed on."""
    profile_networks: Mapping[str, Network] = field(repr=False, compare=False, kw_only=True)
    """The streets of groups that cannot use all of them."""
    session: AskedSession = field(repr=False, compare=False)
    """What it was made of: asks further scenarios without reading anything again."""
    key: str = field(default="", repr=False, compare=False, kw_only=True)
    """What it depends on, as `complete_study` finds it; blank where nobody can say."""

    def __repr__(self) -> str:
        """One line: the study, its communities, and how many verdicts stand how."""
        counts = self.verdicts["status"].value_counts().to_dict()
        told = " ".join(f"{status}={count}" for status, count in counts.items())
        inside = int(self.inputs.communities["inside"].sum())
        return f"<{type(self).__name__} {self.inputs.name!r} communities={inside} {told}>"

    def _repr_html_(self) -> str | None:
        """The headline targets as a small table for notebooks; None without the extra ``report``."""
        try:
            require_extra("report")
        except InputError:
            return None
        from lifecircle import outputs  # noqa: PLC0415  folium is slow to import

        return outputs.headlines_html(self, lang=self.study.study.language)

    @property
    def judged_by(self) -> tuple[Plan, ...]:
        """The plans it was judged by."""
        return self.session.prepared.plans

    @property
    def demand(self) -> gpd.GeoDataFrame:
        """Demand points, with minutes to the nearest facility of every service.

        ``inf`` where none is reached, or where the walk is longer than the data read can prove; the minutes
        up to which they prove it are ``proven_min``.
        """
        travel = self.travel
        minutes = travel.proven(travel.minutes, speed_kmh=travel.speed_kmh).add_prefix("minutes_")
        if travel.proven_min is not None:
            minutes["proven_min"] = travel.proven_min
        return self.inputs.demand.join(minutes, on="demand")

    @property
    def facilities(self) -> gpd.GeoDataFrame:
        """Facilities of the study, one row per service they offer."""
        return self.inputs.facilities

    @property
    def quality(self) -> pd.DataFrame:
        """Remarks on the data, as `tables.QUALITY`: what was left out, guessed or doubted, and how often.

        Those of severity ``warning`` come with sources that are not used or not understood.
        """
        return self.inputs.quality

    @property
    def verdicts(self) -> pd.DataFrame:
        """The one finding that says how each unit stands under each rule."""
        return verdict_rows(self.findings)

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
            ``proposals``, in place of those that the run made itself, with ``turned_met`` and ``closes``: the
            verdicts under all rules that each site turns from short to met when it opens after those ranked
            before it; ``coverage_curve`` of these sites; and a further scenario of kind ``proposal``.
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
        layer = layer.merge(
            proposals.curve.drop(columns="share"), left_on=["service", "rank"], right_on=["service", "sites"]
        )
        layer = described_sites(layer, self.inputs, self.network)
        grown = dataclasses.replace(self, proposals=layer, coverage_curve=proposals.curve)
        return with_scenarios(grown, steps[-1:])

    def explore(
        self, rule: str | None = None, *, lang: str | None = None, tiles: str | None = None
    ) -> folium.Map:
        """A map for a notebook: the communities under one rule, each with its figures under the pointer.

        Parameters
        ----------
        rule
            Id of a provision; the first headline target where None.
        lang
            zh or en; the study's own where None.
        tiles
            Background, as `folium.Map` takes it; none where None, so that nothing is fetched.

        Raises
        ------
        InputError
            If the plans have no such rule.
        """
        require_extra("report")
        from lifecircle import outputs  # noqa: PLC0415  folium is slow to import

        return outputs.rule_map(self, rule, lang=lang or self.study.study.language, tiles=tiles)

    def plot(self, rule: str | None = None, *, lang: str | None = None, ax: Axes | None = None) -> Axes:
        """The communities under one rule on matplotlib axes, coloured by status.

        Parameters
        ----------
        rule, lang
            As in `explore`.
        ax
            Axes to draw on; new ones where None.

        Raises
        ------
        InputError
            If the plans have no such rule.
        """
        require_extra("report")
        from lifecircle import outputs  # noqa: PLC0415  folium is slow to import

        return outputs.rule_axes(self, rule, lang=lang or self.study.study.language, axes=ax)

    def write(
        self,
        folder: str | Path,
        *,
        lang: str | None = None,
        basemap: MapSettings | None = None,
        tell: Listener | None = None,
        jobs: int | None = None,
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
        jobs
            Threads; all cores where None.

        Raises
        ------
        InputError
            If the folder cannot be written, another run is writing it, a study file that a run left in it
            was changed since, or the extra ``report`` is missing.
        """
        from lifecircle import outputs  # noqa: PLC0415  folium is slow to import

        require_extra("report")

        spoken = lang or self.study.study.language
        stage = Stages(tell, self.study.path)
        target, store = Path(folder), self.session.prepared.store
        asked = basemap or self.study.map

        def below(page: Path) -> outputs.Basemap | None:
            """What lies under the map at a place."""
            return outputs.basemap(
                asked.basemap,
                page=page,
                tianditu_key=asked.tianditu_key.get_secret_value(),
                tiles=asked.tiles,
                credit=asked.credit,
                max_zoom=asked.max_zoom,
            )

        threads = thread_count(jobs, os.cpu_count() or 1)
        study_file = study_toml_to_leave(self.study, target.resolve())
        if study_file is not None:
            outputs.require_unedited(target, study_file)
        names = separate_counties(self.inputs, wanted=self.study.study.counties)
        with outputs.replaced_folder(target) as fresh, ThreadPoolExecutor(1) as beside:
            layers = partial(
                outputs.write_layers,
                self,
                fresh / "study.gpkg",
                lang=spoken,
                geoparquet=fresh / "geoparquet" if self.study.study.geoparquet else None,
                counties={code: outputs.county_stem(code, place) for place, code in enumerate(names, 1)},
            )
            with stage("write-tables"):
                # compiled code draws and writes the layers: beside them a second thread writes the rest
                if threads == 1:
                    layers()
                written = beside.submit(copy_context().run, layers) if threads > 1 else None
                outputs.write_deficits_csv(self, fresh / "deficits.csv", lang=spoken)
                outputs.write_workbook(self, fresh / "deficits.xlsx", lang=spoken)
                outputs.write_monitoring(self, fresh / "monitoring.xlsx", lang=spoken)
                kept = outputs.write_rasters(self, fresh / "rasters", lang=spoken, jobs=jobs, store=store)
                outputs.write_project(self, fresh / "study.qgz", lang=spoken)
                if len(self.scenarios):
                    outputs.write_effects_csv(self, fresh / "effects.csv")
                if len(self.modes):
                    outputs.write_modes_csv(self, fresh / "modes.csv")
            page = target.resolve() / "gap_map.html"
            with stage("write-map"):
                counties: list[outputs.CountyPage] = []
                if names:
                    counties = write_counties(self, names, fresh, page=page, lang=spoken, basemap=below)
                outputs.write_gap_map(
                    overview_results(self) if counties else self,
                    fresh / page.name,
                    lang=spoken,
                    basemap=below(page),
                    counties=counties,
                )
                outputs.write_report_html(self, fresh / "report.html", lang=spoken, counties=counties)
                maps = outputs.write_static_maps(self, fresh / "maps", lang=spoken)
                brief = fresh / "report.docx"
                outputs.write_report_docx(self, brief, maps=maps, lang=spoken, counties=counties)
                if written is not None:
                    written.result()
            if study_file is not None:
                (fresh / outputs.STUDY_FILE).write_text(study_file, encoding="utf-8")
            reused = self.reused if store is None else {**self.reused, "rasters": kept}
            done = dataclasses.replace(self, timings={**self.timings, **stage.timings}, reused=reused)
            outputs.write_manifest(done, fresh / outputs.MANIFEST, key=self.key)
        return target


def with_scenarios(run: Run, scenarios: Sequence[AssessedState]) -> Run:
    """The same results with further scenarios beside them."""
    if not scenarios:
        return _summarised(run)
    there = (
        run.scenario_sites if run.scenario_sites is not None else SCENARIO_SITES.empty_layer(run.inputs.crs)
    )
    sites = [table for table in (there, *(one.sites for one in scenarios)) if len(table)]
    grown = dataclasses.replace(
        run,
        scenarios=_stacked(SCENARIOS, [run.scenarios, *(one.summary for one in scenarios)]),
        effects=_stacked(EFFECTS, [run.effects, *(one.effects for one in scenarios)]),
        gainers=_stacked(GAINERS, [run.gainers, *(one.gainers for one in scenarios)]),
        scenario_sites=pd.concat(sites, ignore_index=True) if sites else there,
    )
    return _summarised(grown)


def _summarised(run: Run) -> Run:
    """The same results with the summary that every output counts by."""
    table = summarise(run.findings, run.inputs, run.effects)
    return dataclasses.replace(run, summary=table, headlines=headlines(table, run.findings, run.plans))


def _stacked(spec: TableSpec, tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables one below the other; empty ones say nothing of dtypes."""
    filled = [table for table in tables if len(table)]
    return spec.check(pd.concat(filled, ignore_index=True)) if filled else spec.empty()


def _opened(name: str, sites: gpd.GeoDataFrame) -> Scenario:
    """Proposed sites as new facilities."""
    new = sites.assign(facility=[f"proposal:{site}" for site in sites["proposal"]], name=sites["proposal"])
    return Scenario(name=name, add=new[["facility", "service", "name", "geometry"]], kind="proposal")


def _closing(session: AskedSession, steps: Sequence[AssessedState]) -> dict[str, list[object]]:
    """What each site turns from short to met after those before it: how many, and which."""
    counts: list[object] = []
    names: list[object] = []
    before = session.baseline.judgements.bare_findings
    for step in steps:
        after = step.state.judgements.bare_findings
        verdicts = VerdictChanges.between(before, after).turned
        met = verdicts[verdicts["status_after"] == "met"]
        counts.append(len(met))
        names.append("; ".join(f"{row.rule} {row.code}" for row in met.itertuples()))
        before = after
    return {"turned_met": counts, "closes": names}
