"""What the terminal says at the end of a run: how it came out, what a scenario changes, what was kept."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecircle.analysis.counties import county_names
from lifecircle.cli.plain import tell, tell_json
from lifecircle.errors import preview
from lifecircle.messages import text
from lifecircle.outputs import MANIFEST, outcome_figures, short_words, what_costs_verdicts
from lifecircle.outputs.words import sentences, service_name
from lifecircle.tables import communities_judged

if TYPE_CHECKING:
    from lifecircle.analysis.run import Run

__all__ = ["run_summary"]


def run_summary(done: Run, folder: Path, *, under_scenario: bool, as_json: bool, lang: str) -> None:
    """Say how a study came out, as things are or under a scenario, and what its scenarios change.

    Parameters
    ----------
    done
        The results.
    folder
        Where they are written.
    under_scenario
        Whether the results are those of a scenario.
    as_json
        Whether this is one JSON object.
    lang
        Language of the terminal.
    """
    figures = {**outcome_figures(done), "folder": str(folder)}
    scenarios = done.scenarios.to_dict("records")
    costly = what_costs_verdicts(done, lang)
    if as_json:
        turned = [_turned(one) for one in scenarios]
        tell_json({"event": "done", **figures, "scenarios": turned, "without_data": costly})
        return
    people = figures["residents"]
    said = text("cli.done-unknown-residents", lang)
    if people is not None:
        said = text("cli.done-residents", lang, n=f"{people:,}")
    if under_scenario and scenarios:
        of = {"name": figures["name"], "scenario": scenarios[0]["scenario"]}
        figures["name"] = text("cli.done-under", lang, **of)
    counts = {name: f"{figures[name]:,}" for name in ("met", "firm", "assumed", "provisional", "nodata")}
    told = {**figures, **counts, "residents": said, "short": short_words(done, lang)}
    tell(text("cli.done", lang, **told))
    for line in _scenario_lines(scenarios, folder / "effects.csv", lang):
        tell(line)
    for line in (*_reused_lines(done, folder, lang), *_remarks(done, folder, lang), *costly):
        tell(line, aside=True)


def _scenario_lines(scenarios: Sequence[Mapping[str, Any]], effects: Path, lang: str) -> list[str]:
    """Verdicts that each scenario turns, whom it brings into reach, and where every change stands."""
    lines = []
    for scenario in scenarios:
        turned, people = _turned(scenario), scenario["people_reached"]
        words = [text("cli.done-scenario", lang, **turned)]
        if not math.isnan(people) and round(people) > 0:
            words.append(text("cli.done-reached", lang, people=round(people)))
        lines.append(sentences(words, lang))
        if turned["newly_judged"]:
            counts = {"n": turned["newly_judged"], "short": turned["newly_short"]}
            lines.append(text("effects.newly-judged", lang, **counts))
    return [*lines, text("cli.done-effects", lang, file=effects)] if lines else []


def _turned(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """How many verdicts a scenario turns, and how many it has data for that had none."""
    names = {"met": "turned_met", "short": "turned_short"} | {
        name: name for name in ("newly_judged", "newly_short")
    }
    return {"scenario": str(scenario["scenario"])} | {
        name: int(scenario.get(column, 0)) for name, column in names.items()
    }


def _reused_lines(done: Run, folder: Path, lang: str) -> list[str]:
    """What was taken from earlier runs and what was computed anew; nothing where nothing is kept."""
    if not done.reused:
        return []

    stages = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["reused"]
    taken, computed = [], []
    for stage, told in stages.items():
        if told["taken"]:
            counts = {"n": len(told["taken"]), "all": len(told["taken"]) + len(told["computed"])}
            taken.append(text(f"cli.reused.{stage}", lang, **counts))
        if told["computed"]:
            named = stage if stage == "network" else f"{stage}-of"
            services = preview(service_name(done, one, lang) for one in told["computed"])
            computed.append(text(f"cli.reused.{named}", lang, services=services))
    if not taken:
        unkept = done.inputs.quality["remark"].isin(["network-cache-unwritable", "network-cache-of-others"])
        return [text("cli.reused-unkept" if unkept.any() else "cli.reused-none", lang)]
    gap = text("report.change-comma", lang)
    values = {"taken": gap.join(taken), "computed": gap.join(computed)}
    return [text("cli.reused" if computed else "cli.reused-all", lang, **values)]


def _remarks(done: Run, folder: Path, lang: str) -> list[str]:
    """What whoever ran the study should know of its data: no people, no verdicts, no counties."""
    lines = []
    figures = outcome_figures(done)
    if figures["residents"] is None:
        lines.append(text("cli.no-population", lang, file=done.study.path or folder / "study.toml"))
    judged = communities_judged(done.summary)
    if judged < figures["communities"]:
        lines.append(text("cli.partly-assessed", lang, judged=judged, communities=figures["communities"]))
    counties = county_names(done.inputs)
    if done.study.study.counties and len(counties) < 2:
        known = text("cli.counties-known", lang, n=len(counties))
        lines.append(text("cli.counties-too-few", lang, found=known))
    return lines
