"""The command line: parse, call, print errors. Everything else is in the rooms it calls."""

from __future__ import annotations

import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lifecircle.errors import Fault, InputError
from lifecircle.messages import LANGUAGES, text

__all__ = ["app", "main"]


def _language() -> str:
    """The language of the user's terminal."""
    said = os.environ.get("LIFECIRCLE_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "zh" if said.lower().startswith("zh") else "en"


LANG = _language()


def _say(key: str) -> str:
    """A help text in the user's language."""
    return text(f"cli.{key}", LANG)


def _known_language(lang: str | None) -> str | None:
    """Refuse a language that the catalogue does not speak, before anything is read or written."""
    if lang is not None and lang not in LANGUAGES:
        raise InputError(
            Fault("unknown-language", field="--lang", values={"found": lang, "valid": ", ".join(LANGUAGES)})
        )
    return lang


def _show_version(asked: bool) -> None:  # noqa: FBT001  typer calls it so
    """Print the version and end."""
    if asked:
        from importlib.metadata import version

        typer.echo(f"{app.info.name} {version(__package__.partition('.')[0])}")
        raise typer.Exit


app = typer.Typer(
    name="lifecircle",
    help=_say("about"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Output = Annotated[Path | None, typer.Option("--output", "-o", help=_say("output"))]
Result = Annotated[Path, typer.Option("-o", "--output", "--out", help=_say("result"))]
Lang = Annotated[
    str | None, typer.Option("--lang", help=_say("lang"), show_default=False, callback=_known_language)
]
Jobs = Annotated[int | None, typer.Option("--jobs", min=1, help=_say("jobs"), show_default=False)]
Json = Annotated[bool, typer.Option("--json", help=_say("json"))]
Mode = Annotated[str, typer.Option("--mode", help=_say("mode"))]
Modes = Annotated[str, typer.Option("--mode", help=_say("modes"))]
Speed = Annotated[
    float | None, typer.Option("--speed-kmh", min=0.1, max=200, help=_say("speed"), show_default=False)
]


class GateRule(StrEnum):
    """Whether gates close streets."""

    AS_MAPPED = "as-mapped"
    OPEN = "open"


GateOption = Annotated[GateRule, typer.Option("--gates", help=_say("gates"))]
Tolerance = Annotated[float, typer.Option("--tolerance-m", min=0, max=100, help=_say("tolerance"))]
SplitCrossings = Annotated[bool, typer.Option("--split-crossings", help=_say("split-crossings"))]
Elevation = Annotated[Path | None, typer.Option(help=_say("elevation"), show_default=False)]
Outside = Annotated[bool, typer.Option("--allow-outside", help=_say("allow-outside"))]


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help=_say("version"), callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Options of the program itself."""


@app.command(help=_say("run"))
def run(
    study: Annotated[list[Path] | None, typer.Argument(help=_say("studies"))] = None,
    boundary: Annotated[Path | None, typer.Option(help=_say("boundary"))] = None,
    place: Annotated[str, typer.Option(help=_say("place"), show_default=False)] = "",
    streets: Annotated[Path | None, typer.Option(help=_say("streets-or-osm"))] = None,
    plan: Annotated[list[str] | None, typer.Option(help=_say("plan"))] = None,
    scenario: Annotated[Path | None, typer.Option(help=_say("run-scenario"), show_default=False)] = None,
    output: Output = None,
    jobs: Jobs = None,
    lang: Lang = None,
    as_json: Json = False,
    allow_outside: Outside = False,
) -> None:
    """Run studies, from their files or from a boundary and streets alone."""
    from lifecircle.cli import studies
    from lifecircle.study import Study
    from lifecircle.study.quick import quick_study

    spoken = lang or LANG
    if place and boundary:
        raise InputError(Fault("place-and-boundary", field="--place, --boundary"))
    if place and streets is None:
        streets = Path("osm")  # whoever names a place has asked for a download
    alone = {"--boundary": boundary or place, "--streets": streets, "--plan": plan}
    if study:
        if given := [name for name, value in alone.items() if value]:
            raise InputError(Fault("run-both", file=str(study[0]), values={"given": ", ".join(given)}))
        files = studies.study_files(study)
        if scenario is not None and len(files) > 1:
            values = {"found": len(files)}
            raise InputError(Fault("scenario-one-study", field="--scenario", values=values))
        if len(files) > 1:
            ran = studies.run_several(
                files,
                output,
                jobs=jobs,
                lang=lang,
                spoken=spoken,
                as_json=as_json,
                allow_outside=allow_outside,
            )
            if not ran:
                raise typer.Exit(2)
            return
        made = Study.from_file(files[0], allow_outside=allow_outside)
    else:
        if not (boundary or place) or streets is None or not plan:
            missing = ", ".join(name for name, value in alone.items() if not value)
            raise InputError(Fault("run-needs", values={"missing": missing}))
        folder = output or Path("lifecircle-results")
        made = quick_study(boundary, streets, plan, place=place, output=folder, language=spoken)
    studies.run_study(made, output, scenario=scenario, jobs=jobs, lang=lang, spoken=spoken, as_json=as_json)


@app.command(help=_say("check"))
def check(
    study: Annotated[Path, typer.Argument(help=_say("study"))],
    page: Annotated[Path | None, typer.Option("--html", help=_say("check-html"), show_default=False)] = None,
    suggest: Annotated[Path | None, typer.Option(help=_say("check-suggest"), show_default=False)] = None,
    as_json: Json = False,
    lang: Lang = None,
    allow_outside: Outside = False,
) -> None:
    """Read and validate every input; compute nothing."""
    from lifecircle import outputs
    from lifecircle.analysis.checking import check_everything
    from lifecircle.cli import files, terminal
    from lifecircle.study import Study

    if page is not None:
        files.require_format(page, (".html",))
    if suggest is not None:
        files.require_format(suggest, (".xlsx",))
    checked = check_everything(Study.from_file(study, allow_outside=allow_outside))
    if page is not None:
        with files.replacing(page) as fresh:
            outputs.write_data_quality(checked, fresh, lang=lang or LANG)
    if suggest is not None:
        with files.replacing(suggest) as fresh:
            outputs.write_names(checked.doubts, fresh, lang=lang or LANG)
    terminal.quality(checked, as_json=as_json, lang=lang or LANG)
    if checked.faults:
        raise InputError(checked.faults)


@app.command(help=_say("demo"))
def demo(output: Output = None, jobs: Jobs = None, lang: Lang = None, as_json: Json = False) -> None:
    """Write the demo city and run its study."""
    from lifecircle import outputs
    from lifecircle.demo import write_demo

    folder = output or Path("lifecircle-demo")
    outputs.require_writable(folder)
    made = write_demo(folder)
    run(study=[made], output=folder / "results", jobs=jobs, lang=lang, as_json=as_json)


@app.command(help=_say("plans"))
def plans(
    plan: Annotated[str | None, typer.Argument(help=_say("plan-id"))] = None,
    needs: Annotated[bool, typer.Option("--needs", help=_say("needs"))] = False,
    checked: Annotated[Path | None, typer.Option("--check", help=_say("check-plan"))] = None,
    lang: Lang = None,
) -> None:
    """List the packaged plans, or the rules of one; or check a plan of one's own."""
    from lifecircle.cli import terminal

    if checked is not None:
        terminal.checked_plan(checked, lang=lang or LANG)
    elif plan is None:
        terminal.plans(lang=lang or LANG)
    else:
        terminal.rules(plan, needs=needs, lang=lang or LANG)


@app.command(help=_say("services"))
def services(
    service: Annotated[str | None, typer.Argument(help=_say("service-id"))] = None,
    study: Annotated[Path | None, typer.Option("--study", help=_say("services-study"))] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """List the catalogue of services, or say all of one."""
    from lifecircle.cli.services import tell_services

    tell_services(service, study=study, as_json=as_json, lang=lang or LANG)


@app.command(help=_say("template"))
def template(
    plan: Annotated[list[str], typer.Argument(help=_say("template-plans"))],
    output: Result,
    lang: Lang = None,
) -> None:
    """Write an empty workbook of the ledgers that some plans need."""
    from lifecircle.analysis.template import write_template
    from lifecircle.plans import find_plans, services_defined
    from lifecircle.services import own_services

    plans = find_plans(plan)
    with own_services(services_defined(plans)):
        typer.echo(write_template(plans, output, lang=lang or LANG))


@app.command(help=_say("streets"))
def streets(
    source: Annotated[str, typer.Argument(help=_say("streets-file"))],
    output: Result,
    mode: Mode = "walk",
    boundary: Annotated[Path | None, typer.Option(help=_say("boundary"))] = None,
    elevation: Elevation = None,
    gates: GateOption = GateRule.AS_MAPPED,
    tolerance_m: Tolerance = 0.01,
    split_crossings: SplitCrossings = False,
) -> None:
    """Build the routable network and write its edges."""
    from lifecircle.cli import networks

    reading = {"gates": gates.value, "tolerance_m": tolerance_m, "split_crossings": split_crossings}
    networks.write_streets(
        source, output, mode=mode, boundary=boundary, elevation=elevation, reading=reading, lang=LANG
    )


@app.command(help=_say("times"))
def times(
    source: Annotated[str, typer.Argument(metavar="STREETS", help=_say("streets-file"))],
    origins: Annotated[Path, typer.Option("--from", help=_say("from"))],
    facilities: Annotated[Path, typer.Option("--to", help=_say("to"))],
    output: Result,
    minutes: Annotated[float, typer.Option(help=_say("limit"))] = 15.0,
    speed_kmh: Speed = None,
    mode: Modes = "walk",
    elevation: Elevation = None,
    every: Annotated[bool, typer.Option("--all", help=_say("all"))] = False,
    gates: GateOption = GateRule.AS_MAPPED,
    tolerance_m: Tolerance = 0.01,
    split_crossings: SplitCrossings = False,
) -> None:
    """Nearest facility per origin and service, or every pair within the limit."""
    from lifecircle.cli import networks

    reading = {"gates": gates.value, "tolerance_m": tolerance_m, "split_crossings": split_crossings}
    networks.write_times(
        source,
        origins,
        facilities,
        output,
        minutes=minutes,
        speed_kmh=speed_kmh,
        mode=mode,
        every=every,
        elevation=elevation,
        reading=reading,
        lang=LANG,
    )


@app.command(help=_say("isochrones"))
def isochrones(
    source: Annotated[str, typer.Argument(metavar="STREETS", help=_say("streets-file"))],
    points: Annotated[Path, typer.Option(help=_say("points"))],
    output: Result,
    minutes: Annotated[str, typer.Option(help=_say("minutes"))] = "5,10,15",
    speed_kmh: Speed = None,
    mode: Modes = "walk",
    elevation: Elevation = None,
    gates: GateOption = GateRule.AS_MAPPED,
    tolerance_m: Tolerance = 0.01,
    split_crossings: SplitCrossings = False,
) -> None:
    """Service areas of a list of points."""
    from lifecircle.cli import networks

    reading = {"gates": gates.value, "tolerance_m": tolerance_m, "split_crossings": split_crossings}
    networks.write_isochrones(
        source,
        points,
        output,
        minutes=_minutes(minutes),
        speed_kmh=speed_kmh,
        mode=mode,
        elevation=elevation,
        reading=reading,
        lang=LANG,
    )


@app.command(help=_say("explain"))
def explain(
    study: Annotated[Path, typer.Argument(help=_say("study"))],
    place: Annotated[str, typer.Option("--from", metavar=_say("explain-place"), help=_say("explain-from"))],
    service: Annotated[str, typer.Option(help=_say("service"))],
    profile: Annotated[str, typer.Option(help=_say("explain-profile"), show_default=False)] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", "--out", help=_say("explain-output"), show_default=False)
    ] = None,
    jobs: Jobs = None,
    lang: Lang = None,
    as_json: Json = False,
    allow_outside: Outside = False,
) -> None:
    """The route to the nearest facility, and why the unit is short."""
    from lifecircle.cli import explain as explaining
    from lifecircle.cli import terminal
    from lifecircle.study import Study

    if output is not None:
        explaining.require_line(output)
    asked = explaining.place_asked(place)
    made = Study.from_file(study, allow_outside=allow_outside)
    with terminal.listener(as_json=as_json, lang=lang or LANG) as tell:
        explained = explaining.explained(made, asked, service, profile=profile, jobs=jobs, tell=tell)
    terminal.explanation(explained, as_json=as_json, lang=lang or LANG)
    if output is not None:
        explaining.write_route(explained, output, lang=lang or LANG)


@app.command(help=_say("serve"))
def serve(
    study: Annotated[Path, typer.Argument(help=_say("study"))],
    port: Annotated[int, typer.Option(min=0, max=65535, help=_say("serve-port"))] = 0,
    opened: Annotated[bool, typer.Option("--open", help=_say("serve-open"))] = False,
    jobs: Jobs = None,
    lang: Lang = None,
    as_json: Json = False,
    allow_outside: Outside = False,
) -> None:
    """The what-if page of a study, on this computer alone."""
    from lifecircle.cli.serving import serve_until_interrupted
    from lifecircle.study import Study

    made = Study.from_file(study, allow_outside=allow_outside)
    serve_until_interrupted(
        made, port=port, opened=opened, jobs=jobs, lang=lang, spoken=lang or LANG, as_json=as_json
    )


@app.command(help=_say("cache"))
def cache(
    prune: Annotated[bool, typer.Option("--prune", help=_say("prune"))] = False,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """What is cached, and its removal."""
    from lifecircle.analysis import cache as kept
    from lifecircle.cli import terminal

    files = kept.prune() if prune else kept.cached_files()
    size = sum(file.size for file in files) / 1e6
    figures = {"folder": str(kept.cache_folder()), "files": len(files), "mb": f"{size:.1f}"}
    terminal.figures("prune" if prune else "cache", figures, as_json=as_json, lang=lang or LANG)


@app.command("warm-up", help=_say("warm-up"))
def warm_up(lang: Lang = None, as_json: Json = False) -> None:
    """Compile what the first job would wait for."""
    import time

    from lifecircle.analysis.warm_up import warm_up as compile_ahead
    from lifecircle.cli import terminal

    start = time.perf_counter()
    with terminal.listener(as_json=as_json, lang=lang or LANG) as tell:
        compile_ahead(tell)
    figures = {"seconds": round(time.perf_counter() - start, 1)}
    terminal.figures("warm-up", figures, as_json=as_json, lang=lang or LANG)


@app.command(help=_say("site"))
def site(
    study: Annotated[Path, typer.Argument(help=_say("study"))],
    service: Annotated[str, typer.Option(help=_say("service"))],
    new: Annotated[int | None, typer.Option(min=1, help=_say("new"), show_default=False)] = None,
    objective: Annotated[str, typer.Option(help=_say("objective"))] = "population",
    rule: Annotated[str | None, typer.Option(help=_say("close-rule"), show_default=False)] = None,
    candidates: Annotated[Path | None, typer.Option(help=_say("candidates"), show_default=False)] = None,
    force: Annotated[list[str] | None, typer.Option(help=_say("force"), show_default=False)] = None,
    forbid: Annotated[list[str] | None, typer.Option(help=_say("forbid"), show_default=False)] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help=_say("site-output"))] = None,
    jobs: Jobs = None,
    lang: Lang = None,
    as_json: Json = False,
    allow_outside: Outside = False,
) -> None:
    """Propose sites for a service, with the proof of how good they are."""
    from lifecircle.cli import sites, terminal
    from lifecircle.study import Study

    if output is not None:
        sites.require_target(output)
    made = Study.from_file(study, allow_outside=allow_outside)
    with terminal.listener(as_json=as_json, lang=lang or LANG) as tell:
        proposals, session = sites.proposals_for(
            made,
            service,
            candidates=candidates,
            jobs=jobs,
            tell=tell,
            new=new,
            objective=objective,
            rule=rule,
            forced=force or (),
            forbidden=forbid or (),
        )
        if output is not None:
            sites.write_proposals(proposals, session, output, lang=lang, jobs=jobs, tell=tell)
    terminal.proposals(proposals, as_json=as_json, lang=lang or LANG)


@app.command(help=_say("grids"))
def grids(
    study: Annotated[Path, typer.Argument(help=_say("study"))],
    output: Result,
    urban: Annotated[float, typer.Option(min=1, help=_say("urban-households"))] = 500.0,
    rural: Annotated[float, typer.Option(min=1, help=_say("rural-households"))] = 300.0,
    lang: Lang = None,
    as_json: Json = False,
    allow_outside: Outside = False,
) -> None:
    """Propose household grids for the communities of a study."""
    from lifecircle.cli import files, terminal
    from lifecircle.cli.sites import grid_figures, write_household_grids
    from lifecircle.household_grids import household_grids
    from lifecircle.study import Study

    files.require_format(output, (".gpkg",))
    made = Study.from_file(study, allow_outside=allow_outside)
    division = household_grids(made, urban_households=urban, rural_households=rural)
    write_household_grids(division, output)
    figures = {**grid_figures(division), "file": str(output)}
    terminal.figures("grids", figures, as_json=as_json, lang=lang or LANG)


@app.command(help=_say("compare"))
def compare(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help=_say("run-a"))],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help=_say("run-b"))],
    output: Annotated[Path | None, typer.Option("-o", "--output", "--out", help=_say("result"))] = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """What changed between two runs, per rule and community."""
    from lifecircle import outputs
    from lifecircle.analysis import comparison
    from lifecircle.cli import files, terminal

    if output is not None:
        files.require_format(output, (".xlsx", ".csv"))
    compared = comparison.compare_runs(run_a, run_b)
    if output is not None:
        with files.replacing(output) as fresh:
            outputs.write_comparison(compared.changes, fresh, lang=lang or LANG)
    terminal.figures("compare", compared.counts, as_json=as_json, lang=lang or LANG)


@app.command(help=_say("monitor"))
def monitor(
    study: Annotated[list[Path], typer.Argument(help=_say("studies-run"))],
    output: Result,
    lang: Lang = None,
    as_json: Json = False,
    allow_outside: Outside = False,
) -> None:
    """Several years' runs side by side as the officer's table."""
    from lifecircle import outputs
    from lifecircle.analysis.monitoring import monitoring_years
    from lifecircle.cli import files, terminal
    from lifecircle.cli.studies import study_files

    files.require_format(output, (".xlsx",))
    table = monitoring_years(study_files(study), allow_outside=allow_outside)
    with files.replacing(output) as fresh:
        outputs.write_monitoring_years(table, fresh, lang=lang or LANG)
    years = table["years"].iloc[0] if len(table) else ()
    figures = {"provisions": len(table), "years": ", ".join(years), "file": str(output)}
    terminal.figures("monitor", figures, as_json=as_json, lang=lang or LANG)


def _minutes(said: str) -> list[float]:
    """``5,10,15`` as numbers."""
    try:
        minutes = [float(part) for part in said.split(",")]
    except ValueError:
        minutes = [-1.0]
    if not all(0 < value < float("inf") for value in minutes):
        raise InputError(Fault("minutes-list", field="--minutes", values={"found": said}))
    return minutes


def _end_by_signal(number: int, frame: object) -> None:
    """End as by Ctrl-C: what was begun is cleared away, old results stay."""
    del frame
    sys.exit(128 + number)


def main() -> None:
    """Entry point: a fault of the input is printed in full and ends with 2; a fault of the program with 1."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _end_by_signal)
    try:
        app()
    except InputError as error:
        _print_faults(error, sys.argv[1:])
        sys.exit(2)


def _print_faults(error: InputError, words: list[str]) -> None:
    """Every fault: as text, or one JSON object a line where the command line asked for that."""
    from lifecircle.cli import terminal

    terminal.faults(error, as_json="--json" in words, lang=_asked_language(words))


def _asked_language(words: list[str]) -> str:
    """The language named on the command line, else the terminal's."""
    joined = " ".join(words).replace("--lang=", "--lang ")
    return next((lang for lang in LANGUAGES if f"--lang {lang}" in joined), LANG)
