"""Commands that need no study: lists, templates, and what a computer keeps between jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lifecircle.cli.options import LANG, Json, Lang, Result, finite, say
from lifecircle.errors import Fault, InputError

__all__ = ["cache", "plans", "services", "template", "warm_up"]


def plans(
    plan: Annotated[str | None, typer.Argument(help=say("plan-id"))] = None,
    needs: Annotated[bool, typer.Option("--needs", help=say("needs"))] = False,
    checked: Annotated[Path | None, typer.Option("--check", help=say("check-plan"))] = None,
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


def services(
    service: Annotated[str | None, typer.Argument(help=say("service-id"))] = None,
    study: Annotated[Path | None, typer.Option("--study", help=say("services-study"))] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """List the catalogue of services, or say all of one."""
    from lifecircle.cli.services import tell_services

    tell_services(service, study=study, as_json=as_json, lang=lang or LANG)


def template(
    plan: Annotated[list[str], typer.Argument(help=say("template-plans"))],
    output: Result,
    lang: Lang = None,
) -> None:
    """Write an empty workbook of the ledgers that some plans need."""
    from lifecircle.analysis.template import write_template
    from lifecircle.cli.plain import tell
    from lifecircle.plans import find_plans, services_defined
    from lifecircle.services import own_services

    plans = find_plans(plan)
    with own_services(services_defined(plans)):
        tell(str(write_template(plans, output, lang=lang or LANG)))


def cache(
    prune: Annotated[bool, typer.Option("--prune", help=say("prune"))] = False,
    unused_days: Annotated[
        float | None, typer.Option(min=0, callback=finite, help=say("unused-days"), show_default=False)
    ] = None,
    keep_mb: Annotated[
        float | None, typer.Option(min=0, callback=finite, help=say("keep-mb"), show_default=False)
    ] = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """What is cached, and its removal."""
    from lifecircle.analysis import cache as kept
    from lifecircle.cli import terminal

    if not prune and (unused_days, keep_mb) != (None, None):
        raise InputError(Fault("prune-not-asked", field="--prune"))
    files = kept.prune(unused_days=unused_days, keep_mb=keep_mb) if prune else kept.cached_files()
    size = sum(file.size for file in files) / 1e6
    figures = {"folder": str(kept.cache_folder()), "files": len(files), "mb": f"{size:.1f}"}
    terminal.figures("prune" if prune else "cache", figures, as_json=as_json, lang=lang or LANG)


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
