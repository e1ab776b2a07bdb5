"""Commands on study files, and on the runs that were made of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lifecircle.cli.options import (
    LANG,
    Cache,
    Jobs,
    Json,
    Lang,
    Output,
    Outside,
    PointsCrs,
    Result,
    finite,
    modes_asked,
    say,
)
from lifecircle.errors import Fault, InputError

if TYPE_CHECKING:
    from lifecircle.study import Study

__all__ = ["check", "compare", "demo", "explain", "grids", "monitor", "run", "serve", "site"]


def _read_study(path: Path, *, allow_outside: bool, written: Path | None = None) -> Study:
    """A study, its results put right if a run was cut off; it may not read what is `written`."""
    from lifecircle import outputs
    from lifecircle.study import Study

    made = Study.from_file(path, allow_outside=allow_outside)
    outputs.recover_folder(made.study.output)
    if written is not None:
        outputs.require_no_input(written, [path, *made.input_paths])
    return made


def run(
    study: Annotated[list[Path] | None, typer.Argument(help=say("studies"))] = None,
    boundary: Annotated[Path | None, typer.Option(help=say("boundary"))] = None,
    place: Annotated[str, typer.Option(help=say("place"), show_default=False)] = "",
    streets: Annotated[Path | None, typer.Option(help=say("streets-or-osm"))] = None,
    plan: Annotated[list[str] | None, typer.Option(help=say("plan"))] = None,
    mode: Annotated[list[str] | None, typer.Option(help=say("modes"), show_default=False)] = None,
    scenario: Annotated[Path | None, typer.Option(help=say("run-scenario"), show_default=False)] = None,
    scheduler: Annotated[str, typer.Option(help=say("scheduler"), show_default=False)] = "",
    output: Output = None,
    jobs: Jobs = None,
    cache: Cache = None,
    lang: Lang = None,
    as_json: Json = False,
    allow_outside: Outside = False,
) -> None:
    """Run studies, from their files or from a boundary and streets alone."""
    from lifecircle.cli import studies
    from lifecircle.cli.run_options import RunOptions
    from lifecircle.study.quick import quick_study
    from lifecircle.study.several import study_files

    spoken = lang or LANG
    options = RunOptions(
        output=output,
        jobs=jobs,
        cache=cache,
        lang=lang,
        spoken=spoken,
        as_json=as_json,
        allow_outside=allow_outside,
    )
    if place and boundary:
        raise InputError(Fault("place-and-boundary", field="--place, --boundary"))
    if scheduler and not study:
        raise InputError(Fault("scheduler-studies", field="--scheduler"))
    if place and streets is None:
        streets = Path("osm")  # whoever names a place has asked for a download
    alone = {"--boundary": boundary or place, "--streets": streets, "--plan": plan}
    if study:
        if given := [name for name, value in {**alone, "--mode": mode}.items() if value]:
            raise InputError(Fault("run-both", file=str(study[0]), values={"given": ", ".join(given)}))
        files = study_files(study)
        if scheduler or len(files) > 1:
            studies.run_files(files, options, scenario=scenario, scheduler=scheduler)
            return
        made = _read_study(files[0], allow_outside=allow_outside)
    else:
        if not (boundary or place) or streets is None or not plan:
            missing = ", ".join(name for name, value in alone.items() if not value)
            raise InputError(Fault("run-needs", values={"missing": missing}))
        folder = output or Path("lifecircle-results")
        travel = modes_asked(",".join(mode or ["walk"]))
        made = quick_study(
            boundary,
            streets,
            plan,
            place=place,
            output=folder,
            language=spoken,
            mode=travel[0] if len(travel) == 1 else travel,
        )
    studies.run_study(made, options, target=output, scenario=scenario)


def check(
    study: Annotated[Path, typer.Argument(help=say("study"))],
    page: Annotated[Path | None, typer.Option("--html", help=say("check-html"), show_default=False)] = None,
    suggest: Annotated[Path | None, typer.Option(help=say("check-suggest"), show_default=False)] = None,
    as_json: Json = False,
    lang: Lang = None,
    allow_outside: Outside = False,
) -> None:
    """Read and validate every input; compute nothing."""
    from lifecircle import outputs
    from lifecircle.analysis.checking import check_everything
    from lifecircle.cli import files, terminal

    if page is not None:
        files.require_format(page, (".html",))
    if suggest is not None:
        files.require_format(suggest, (".xlsx",))
    made = _read_study(study, allow_outside=allow_outside, written=page)
    if suggest is not None:
        # the table of names is read, grown and written back
        outputs.require_no_input(suggest, [one for one in made.input_paths if one != made.study.names])
    checked = check_everything(made)
    if page is not None:
        with outputs.replaced_file(page) as fresh:
            outputs.write_data_quality(checked, fresh, lang=lang or LANG)
    if suggest is not None:
        with outputs.replaced_file(suggest) as fresh:
            outputs.write_names(checked.doubts, fresh, lang=lang or LANG)
    terminal.quality(checked, as_json=as_json, lang=lang or LANG)
    if checked.faults:
        raise InputError(checked.faults)


def demo(
    plan: Annotated[list[str] | None, typer.Option(help=say("demo-plan"), show_default=False)] = None,
    output: Output = None,
    jobs: Jobs = None,
    cache: Cache = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Write the demo city and run its study."""
    from lifecircle import outputs
    from lifecircle.demo import PLANS, write_demo
    from lifecircle.plans import require_packaged

    require_packaged(plan or ())
    folder = output or Path("lifecircle-demo")
    results = folder / "results"
    outputs.require_writable(results)
    made = write_demo(folder, plans=plan or PLANS)
    run(study=[made], output=results, jobs=jobs, cache=cache, lang=lang, as_json=as_json)


def explain(
    study: Annotated[Path, typer.Argument(help=say("study"))],
    place: Annotated[str, typer.Option("--from", metavar=say("explain-place"), help=say("explain-from"))],
    service: Annotated[str, typer.Option(help=say("service"))],
    profile: Annotated[str, typer.Option(help=say("explain-profile"), show_default=False)] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", "--out", help=say("explain-output"), show_default=False)
    ] = None,
    jobs: Jobs = None,
    lang: Lang = None,
    as_json: Json = False,
    allow_outside: Outside = False,
) -> None:
    """The route to the nearest facility, and why the unit is short."""
    from lifecircle.cli import explain as explaining
    from lifecircle.cli import terminal

    if output is not None:
        explaining.require_line(output)
    asked = explaining.place_asked(place)
    made = _read_study(study, allow_outside=allow_outside, written=output)
    with terminal.listener(as_json=as_json, lang=lang or LANG) as tell:
        explained = explaining.explained(made, asked, service, profile=profile, jobs=jobs, tell=tell)
    terminal.explanation(explained, as_json=as_json, lang=lang or LANG)
    if output is not None:
        explaining.write_route(explained, output, lang=lang or LANG)


def serve(
    study: Annotated[Path, typer.Argument(help=say("study"))],
    port: Annotated[int, typer.Option(min=0, max=65535, help=say("serve-port"))] = 0,
    opened: Annotated[bool, typer.Option("--open", help=say("serve-open"))] = False,
    jobs: Jobs = None,
    lang: Lang = None,
    as_json: Json = False,
    allow_outside: Outside = False,
) -> None:
    """The what-if page of a study, on this computer alone."""
    from lifecircle.cli.serving import serve_until_interrupted

    made = _read_study(study, allow_outside=allow_outside)
    serve_until_interrupted(
        made, port=port, opened=opened, jobs=jobs, lang=lang, spoken=lang or LANG, as_json=as_json
    )


def site(
    study: Annotated[Path, typer.Argument(help=say("study"))],
    service: Annotated[str, typer.Option(help=say("service"))],
    new: Annotated[int | None, typer.Option(min=1, max=10_000, help=say("new"), show_default=False)] = None,
    objective: Annotated[str, typer.Option(help=say("objective"))] = "population",
    rule: Annotated[str | None, typer.Option(help=say("close-rule"), show_default=False)] = None,
    minutes: Annotated[
        float | None,
        typer.Option(min=0.1, max=600, callback=finite, help=say("site-minutes"), show_default=False),
    ] = None,
    candidates: Annotated[Path | None, typer.Option(help=say("candidates"), show_default=False)] = None,
    crs: PointsCrs = None,
    force: Annotated[list[str] | None, typer.Option(help=say("force"), show_default=False)] = None,
    forbid: Annotated[list[str] | None, typer.Option(help=say("forbid"), show_default=False)] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help=say("site-output"))] = None,
    jobs: Jobs = None,
    lang: Lang = None,
    as_json: Json = False,
    allow_outside: Outside = False,
) -> None:
    """Propose sites for a service, with the proof of how good they are."""
    from lifecircle.cli import sites, terminal

    if output is not None:
        sites.require_target(output)
    made = _read_study(study, allow_outside=allow_outside, written=output)
    sites.require_answerable(made, service=service, new=new, rule=rule, objective=objective)
    with terminal.listener(as_json=as_json, lang=lang or LANG) as tell:
        proposals, session = sites.proposals_for(
            made,
            service,
            candidates=candidates,
            crs=crs,
            jobs=jobs,
            tell=tell,
            new=new,
            objective=objective,
            rule=rule,
            cutoff_min=minutes,
            forced=force or (),
            forbidden=forbid or (),
        )
        if output is not None:
            sites.write_proposals(proposals, session, output, lang=lang, jobs=jobs, tell=tell)
    terminal.proposals(proposals, as_json=as_json, lang=lang or LANG)


def grids(
    study: Annotated[Path, typer.Argument(help=say("study"))],
    output: Result,
    urban: Annotated[
        float, typer.Option(min=1, max=1e6, callback=finite, help=say("urban-households"))
    ] = 500.0,
    rural: Annotated[
        float, typer.Option(min=1, max=1e6, callback=finite, help=say("rural-households"))
    ] = 300.0,
    lang: Lang = None,
    as_json: Json = False,
    allow_outside: Outside = False,
) -> None:
    """Propose household grids for the communities of a study."""
    from lifecircle.cli import files, terminal
    from lifecircle.cli.sites import grid_figures, write_household_grids
    from lifecircle.household_grids import household_grids

    files.require_format(output, (".gpkg",))
    made = _read_study(study, allow_outside=allow_outside, written=output)
    division = household_grids(made, urban_households=urban, rural_households=rural)
    write_household_grids(division, output)
    figures = {**grid_figures(division), "file": str(output)}
    terminal.figures("grids", figures, as_json=as_json, lang=lang or LANG)


def compare(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help=say("run-a"))],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help=say("run-b"))],
    output: Annotated[Path | None, typer.Option("-o", "--output", "--out", help=say("result"))] = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """What changed between two runs, per rule and community."""
    from lifecircle import outputs
    from lifecircle.analysis import comparison
    from lifecircle.cli import files, terminal

    if output is not None:
        files.require_format(output, (".xlsx", ".csv"))
    for folder in (run_a, run_b):
        outputs.recover_folder(folder)
        if output is not None:
            outputs.require_no_input(output, [folder / "deficits.csv", folder / "run.json"])
    compared = comparison.compare_runs(run_a, run_b)
    if output is not None:
        with outputs.replaced_file(output) as fresh:
            outputs.write_comparison(compared.changes, fresh, lang=lang or LANG)
    terminal.compared(compared.counts, (run_a, run_b), as_json=as_json, lang=lang or LANG)


def monitor(
    study: Annotated[list[Path], typer.Argument(help=say("studies-run"))],
    output: Result,
    lang: Lang = None,
    as_json: Json = False,
    allow_outside: Outside = False,
) -> None:
    """Several years' runs side by side as the officer's table."""
    from lifecircle import outputs
    from lifecircle.analysis.monitoring import monitoring_years
    from lifecircle.cli import files, terminal
    from lifecircle.study.several import study_files

    files.require_format(output, (".xlsx",))
    listed = study_files(study)
    table = monitoring_years(listed, allow_outside=allow_outside)
    with outputs.replaced_file(output) as fresh:
        outputs.write_monitoring_years(table, fresh, lang=lang or LANG)
    years = table["years"].iloc[0] if len(table) else ()
    figures = {"provisions": len(table), "years": ", ".join(years), "file": str(output)}
    terminal.figures("monitor", figures, as_json=as_json, lang=lang or LANG)
