"""``report.html``: the findings in words and tables, one file that prints well."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from lifecircle.messages import has, text
from lifecircle.outputs.escape import display_name, security_policy
from lifecircle.outputs.map_text import source_list, study_date, study_setting
from lifecircle.outputs.map_themes import about_rule
from lifecircle.outputs.report_figures import RuleScore, priorities, rule_title, scorecard, short_rules, worst
from lifecircle.outputs.report_picture import draw
from lifecircle.outputs.report_sensitivity import panels
from lifecircle.outputs.score_tables import what_to_build
from lifecircle.tables import Results

if TYPE_CHECKING:
    from jinja2 import Environment

_POLICY_SLOT: Final = "POLICY"
_PRIORITIES: Final = 6
_TOWNSHIP_LINES: Final = 3

__all__ = ["write_report_html"]


def write_report_html(results: Results, path: Path, *, lang: str) -> None:
    """Write the report: summary, scorecard, worst communities per rule, method, assumptions, data, sources.

    One file with no script and no address to fetch; every outside word is escaped by the template engine.
    """
    page = _environment(lang).get_template("report.html.j2").render(_context(results, lang))
    page = page.replace(f'content="{_POLICY_SLOT}"', f'content="{security_policy(page)}"', 1)
    path.write_text(page, encoding="utf-8", newline="\n")


def _environment(lang: str) -> Environment:
    """Templates of ``outputs/assets``, escaping everything, with the report's words and figures."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  # only the report needs it

    made = Environment(
        loader=PackageLoader("lifecircle.outputs", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "t": partial(_word, lang),
        "score": partial(_score, lang),
        "status": partial(_status, lang),
        "policy": _POLICY_SLOT,
    }
    made.filters |= {"figure": partial(_figure, lang), "whole": _whole, "name": display_name}
    return made


def _word(lang: str, key: str, **values: object) -> str:
    """A message of the report."""
    return text(f"report.{key}", lang, **values)


def _score(lang: str, key: str) -> str:
    """A message about scores."""
    return text(f"scores.{key}", lang)


def _status(lang: str, key: str) -> str:
    """A coded word of the findings, as it is where the catalogue has none."""
    return text(f"status.{key}", lang) if has(f"status.{key}") else key


def _whole(value: float | None) -> str:
    """A number with thousands marked and no decimals; blank where unknown."""
    return "" if value is None or pd.isna(value) else f"{value:,.0f}"


def _figure(lang: str, value: float | None, unit: str) -> str:
    """A figure with its unit; shares as percentages; a dash where unknown."""
    if value is None or pd.isna(value):
        return text("map.unknown", lang)
    if unit == "share":
        return f"{100 * value:.1f}%"
    number = f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.2f}"
    words = _status(lang, f"unit.{unit}").removeprefix("unit.")
    return f"{number}%" if words == "%" else f"{number} {words}".strip()


def _context(results: Results, lang: str) -> dict[str, object]:
    """Everything the template names."""
    scores = scorecard(results)
    judged = results.communities[results.communities["inside"]]
    counts = short_rules(results)
    first = priorities(results)
    return {
        "lang": "zh-CN" if lang == "zh" else "en",
        "name": display_name(results.inputs.name),
        "date": study_date(results),
        "review_number": display_name(study_setting(results, "map_review_number")),
        "residents": float(judged["population"].sum()),
        "communities": len(judged),
        "rules": len({(score.plan, score.rule) for score in scores}),
        "with_shortfall": int((counts > 0).sum()),
        "priorities": [_priority(results, score, lang) for score in first[:_PRIORITIES]],
        "most_short": _most_short(results, counts),
        "picture": draw(results, counts),
        "plans": [_plan(results, plan, scores, lang) for plan in results.plans],
        "worst": [_worst(results, score, lang) for score in scores if score.short],
        "townships": _townships(results, lang),
        "sensitivity": panels(results, lang),
        "services": {key: names.get(lang, key) for key, names in results.services.items()},
        "assumptions": [(name, str(value)) for name, value in results.assumptions.items()],
        "quality": _quality(results, lang),
        "sources": source_list(results),
    }


def _priority(results: Results, score: RuleScore, lang: str) -> dict[str, object]:
    """One thing to build, and the communities it is needed in most."""
    places = worst(results, score, listed=3)
    return {"title": rule_title(results, score, lang), "score": score, "places": list(places["name"])}


def _townships(results: Results, lang: str) -> list[dict[str, object]]:
    """The first few things that each township is to build."""
    found = []
    for code, rows in results.priorities.groupby("township", sort=False):
        first = rows.head(_TOWNSHIP_LINES).itertuples(index=False)
        lines = [
            (what_to_build(results, row.service, row.plan, row.rule, lang), row.areas, row.people)
            for row in first
        ]
        found.append({"name": rows["name"].iloc[0] or code, "lines": lines})
    return found


def _most_short(results: Results, counts: pd.Series) -> list[dict[str, object]]:
    """The communities that fall short of most rules, the more populous first among equals."""
    judged = results.communities.set_index("code").loc[counts.index, ["name", "population"]]
    table = judged.assign(count=counts).query("count > 0")
    table = table.sort_values(["count", "population"], ascending=False, kind="stable").head(10)
    return [dict(row) for row in table.reset_index().to_dict("records")]


def _plan(results: Results, plan: object, scores: list[RuleScore], lang: str) -> dict[str, object]:
    """A plan with the scores of its rules."""
    entry = dict(plan)  # type: ignore[call-overload]
    own = [(rule_title(results, score, lang), score) for score in scores if score.plan == entry["id"]]
    return {"title": entry["title"].get(lang, entry["id"]), "issued": entry.get("issued", ""), "scores": own}


def _worst(results: Results, score: RuleScore, lang: str) -> dict[str, object]:
    """The table of one rule's worst units."""
    rows = worst(results, score).to_dict("records")
    about = about_rule(results, score.plan, score.rule)
    return {
        "title": rule_title(results, score, lang),
        "score": score,
        "rows": rows,
        "quote": about.get("quote", ""),
    }


def _quality(results: Results, lang: str) -> list[dict[str, object]]:
    """Remarks on the data, each kind once with how often it was made and its first words."""
    table = results.inputs.quality
    found = []
    for (severity, remark), rows in table.groupby(["severity", "remark"], sort=False):
        first = rows.iloc[0]
        count = _whole(first["count"])
        words = text(f"quality.{remark}", lang, count=count, value=first["value"], item=first["item"])
        found.append({"severity": severity, "words": words, "times": len(rows)})
    return sorted(found, key=lambda remark: remark["severity"] != "warning")
