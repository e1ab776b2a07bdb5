"""``report.html``: the findings in words and tables, one file that prints well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lifecircle.messages import text
from lifecircle.outputs.dublin_core import dublin_core
from lifecircle.outputs.first_places import first_block
from lifecircle.outputs.remarks import quality_by_kind
from lifecircle.outputs.report.brief import (
    front_words,
    headline_table,
    headlines_how,
    uncertain_lines,
    without_data_words,
    worst_townships,
)
from lifecircle.outputs.report.building_tables import (
    chosen_lines,
    joint_lines,
    proposals_table,
    township_table,
)
from lifecircle.outputs.report.counties import county_maps, county_table
from lifecircle.outputs.report.effects import changes
from lifecircle.outputs.report.figures import (
    RuleScore,
    community_totals,
    grid_words,
    most_missed,
    rule_scores,
    scope_words,
    short_rules_judged,
    short_words,
    shortfalls,
)
from lifecircle.outputs.report.links import map_link
from lifecircle.outputs.report.needs import need_words, needs
from lifecircle.outputs.report.picture import draw
from lifecircle.outputs.report.sensitivity import panels, sensitivity_table, unmoved_words
from lifecircle.outputs.report.sources import sources_in_words
from lifecircle.outputs.report.tables import (
    assumptions_table,
    community_table,
    largest_table,
    rules_table,
    standing_table,
    worst_table,
)
from lifecircle.outputs.report.townships import profiles
from lifecircle.outputs.safe_text import display_name, plain_text, security_policy
from lifecircle.outputs.web_map.county_pages import CountyPage
from lifecircle.outputs.words import about_rule, plan_title, sentences, study_name, whole_words
from lifecircle.tables import Results

if TYPE_CHECKING:
    import pandas as pd
    from jinja2 import Environment

_POLICY_SLOT: Final = "POLICY"
_TOWNSHIP_NEEDS: Final = 4

__all__ = ["page_of", "write_report_html"]


def write_report_html(
    results: Results, path: Path, *, lang: str, counties: Sequence[CountyPage] = (), whole: str = ""
) -> None:
    """Write the report, chapter by chapter as ``report.docx`` has them.

    One file with no script and no address to fetch; every outside word is escaped by the template engine.

    Parameters
    ----------
    results
        The finished study.
    path
        The file, made anew.
    lang
        zh or en.
    counties
        Those that have pages of their own: the report lists them and leads there.
    whole
        Address of the report of the whole study, in that of a county.
    """
    context = _context(results, lang, counties) | {"whole_address": whole}
    path.write_text(page_of("report.html.j2", context, lang), encoding="utf-8", newline="\n")


def page_of(template: str, context: Mapping[str, object], lang: str) -> str:
    """A template of ``outputs/report/assets`` filled in, with a policy that lets it fetch and run nothing."""
    page = _environment(lang).get_template(template).render(context)
    return page.replace(f'content="{_POLICY_SLOT}"', f'content="{security_policy(page)}"', 1)


def _environment(lang: str) -> Environment:
    """Templates of ``outputs/report/assets``, escaping everything, with the report's words."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  # only the report needs it

    made = Environment(
        loader=PackageLoader("lifecircle.outputs.report", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "t": partial(_word, "report", lang),
        "score": partial(_word, "scores", lang),
        "c": partial(_word, "check", lang),
        "policy": _POLICY_SLOT,
    }
    made.filters |= {"whole": whole_words, "name": display_name, "plain": plain_text}
    return made


def _word(namespace: str, lang: str, key: str, **values: object) -> str:
    """A message of a namespace."""
    return text(f"{namespace}.{key}", lang, **values)


def _context(results: Results, lang: str, counties: Sequence[CountyPage]) -> dict[str, object]:
    """Everything the template names."""
    scores, wanted = rule_scores(results), needs(results, lang)
    short, totals = shortfalls(results), community_totals(results)
    lead = [
        scope_words(totals, scores, lang),
        *grid_words(results, lang),
        short_words(results, lang),
        *worst_townships(results, lang),
        *without_data_words(results, lang),
    ]
    standing, told = township_table(results, wanted[:_TOWNSHIP_NEEDS], lang), profiles(results, lang)
    drawn, missed = panels(results, lang), most_missed(scores)
    has = {
        "counties": bool(counties),
        "townships": bool(standing.rows or told),
        "worst": bool(missed),
        "sensitivity": bool(drawn),
    }
    return {
        "lang": "zh-CN" if lang == "zh" else "en",
        "name": study_name(display_name(results.inputs.name), lang),
        "terms": dublin_core(results, lang),
        "front": front_words(results, lang),
        "lead": sentences(lead, lang),
        "headlines": headline_table(results, lang),
        "uncertain": uncertain_lines(results, lang),
        "needs": [(need.title, need_words(results, need, lang)) for need in wanted],
        "first": first_block(results, lang),
        "how": headlines_how(results, lang),
        "people_known": any(need.people > 0 for need in wanted),
        "standing": standing_table(results, lang),
        "judged": totals.judged,
        "picture": draw(results, short_rules_judged(results)),
        "most_short": community_table(results, lang),
        "largest": largest_table(results, lang),
        "plans": [_plan(results, entry, scores, lang) for entry in results.plans],
        "counties": county_table(results, counties, lang),
        "county_maps": county_maps(counties, lang),
        "townships": standing,
        "profiles": told,
        "map_address": map_link(results, lang),
        "chapters": _chapters(results, lang, has=has),
        "panels": drawn,
        "sensitivity": sensitivity_table(results, lang),
        "unmoved": unmoved_words(results, lang),
        "proposals": proposals_table(results, lang),
        "chosen": [*chosen_lines(results, lang), *joint_lines(results, lang)],
        "closed_by_proposals": changes(results, "proposal", lang),
        "effects": changes(results, "study", lang),
        "worst": [_worst(results, short, score, lang) for score in missed],
        "assumptions": assumptions_table(results, lang),
        "quality": quality_by_kind(results, lang),
        "sources": sources_in_words(results, lang),
    }


def _chapters(results: Results, lang: str, *, has: Mapping[str, bool]) -> list[tuple[str, str]]:
    """Anchor and title of every chapter of the page; `has` says which of those that may be empty are not."""
    names = ("summary", "counties", "townships", "proposals", "effects", "scorecard", "worst")
    known = {
        "proposals": len(results.proposals) > 0,
        "effects": bool((results.scenarios["kind"] == "study").any()),
        **has,
    }
    own = {"sensitivity": text("scores.report.sensitivity", lang)}
    return [
        (name, own.get(name) or text(f"report.{name}", lang))
        for name in (*names, "sensitivity", "method", "assumptions", "quality", "sources")
        if known.get(name, True)
    ]


def _plan(results: Results, entry: object, scores: Sequence[RuleScore], lang: str) -> dict[str, object]:
    """A plan: its rules that are missed, and how many are met or without a verdict."""
    about = dict(entry)  # type: ignore[call-overload]
    own = [score for score in scores if score.plan == about["id"]]
    judged = [score for score in own if score.judged]
    rules = {score.rule for score in judged}
    return {
        "title": plan_title(results, str(about["id"]), lang),
        "issued": about.get("issued", ""),
        "judged": rules_table(results, str(about["id"]), judged, lang),
        "others": text(
            "report.not-judged",
            lang,
            met=whole_words(len(rules) - len({score.rule for score in judged if score.short})),
            n=whole_words(len({score.rule for score in own} - rules)),
        ),
    }


def _worst(results: Results, short: pd.DataFrame, score: RuleScore, lang: str) -> dict[str, object]:
    """The table of one rule's worst units, and the clause's words."""
    quote = about_rule(results, score.plan, score.rule).get("quote", "")
    return {"table": worst_table(results, short, score, lang), "quote": quote}
