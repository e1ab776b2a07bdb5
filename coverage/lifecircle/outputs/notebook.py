"""Maps of one rule for a notebook: one to explore, one to print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.errors import Fault, InputError, closest
from lifecircle.messages import text
from lifecircle.outputs.fonts import picture_font
from lifecircle.outputs.palette import REACHED, STATUS
from lifecircle.outputs.safe_text import display_name, html_text
from lifecircle.outputs.words import code_word, figure_words, title_of
from lifecircle.tables import COMMUNITY_LEVELS, WGS84, Results, verdict_rows

if TYPE_CHECKING:
    import folium
    from matplotlib.axes import Axes

__all__ = ["headlines_html", "rule_axes", "rule_map"]

_OTHER: Final = "#f6f4ef"
_COLOURS: Final = {**STATUS, "met": REACHED[0]}


def headlines_html(results: Results, *, lang: str) -> str:
    """The headline targets as an HTML table: title, units met and short, residents affected."""
    keys = ("target", "met", "short", "people")
    heads = "".join(f"<th>{html_text(text(f'map.notebook.{key}', lang))}</th>" for key in keys)
    rows = []
    for row in results.headlines.itertuples():
        people = figure_words(row.people, "persons", lang)
        cells = (title_of(results, row.plan, row.rule, lang), str(row.met), str(row.short), people)
        rows.append("<tr>" + "".join(f"<td>{html_text(cell)}</td>" for cell in cells) + "</tr>")
    caption = html_text(display_name(results.inputs.name))
    body = "".join(rows)
    return f"<table><caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def rule_map(results: Results, rule: str | None, *, lang: str, tiles: str | None) -> folium.Map:
    """A folium map of the communities under one rule, each with its figures under the pointer.

    Parameters
    ----------
    results
        Of any run.
    rule
        Id of a provision; the first headline target where None.
    lang
        zh or en.
    tiles
        As `folium.Map` takes them; no background where None.

    Raises
    ------
    InputError
        If the plans have no such rule.
    """
    import folium  # noqa: PLC0415  # slow to import

    table, title = _of_rule(results, rule, lang)
    shown = table.to_crs(WGS84)
    west, south, east, north = shown.total_bounds
    made = folium.Map(tiles=tiles, control_scale=True)
    made.fit_bounds([[south, west], [north, east]])
    heads = [text(f"map.column.{name}", lang) for name in ("name", "status", "deficit", "people")]
    for name in ("name", "status", "deficit", "people"):
        shown[name] = [html_text(value) for value in shown[name]]
    folium.GeoJson(
        shown.to_json(),
        name=html_text(title),
        style_function=lambda feature: {
            "fillColor": feature["properties"]["colour"],
            "fillOpacity": 0.75,
            "color": "#5a5a5a",
            "weight": 0.8,
        },
        tooltip=folium.GeoJsonTooltip(
            fields=["name", "status", "deficit", "people"], aliases=[html_text(head) for head in heads]
        ),
    ).add_to(made)
    folium.LayerControl().add_to(made)
    return made


def rule_axes(results: Results, rule: str | None, *, lang: str, axes: Axes | None) -> Axes:
    """The communities under one rule on matplotlib axes, coloured by status, with a legend.

    Parameters
    ----------
    results, rule, lang
        As in `rule_map`.
    axes
        Drawn on; new ones where None.
    """
    import matplotlib as mpl  # noqa: PLC0415  # slow to import
    from matplotlib import pyplot as plt  # noqa: PLC0415
    from matplotlib.patches import Patch  # noqa: PLC0415

    table, title = _of_rule(results, rule, lang)
    font = picture_font()
    with mpl.rc_context({"font.family": list(font.families)}):
        drawn = plt.subplots(figsize=(8, 7))[1] if axes is None else axes
        table.plot(ax=drawn, color=table["colour"].tolist(), edgecolor="#5a5a5a", linewidth=0.4)
        counts = table.groupby(["status", "colour"], sort=False).size()
        handles = [
            Patch(facecolor=colour, edgecolor="#5a5a5a", label=f"{status} ({count})")
            for (status, colour), count in counts.items()
        ]
        drawn.legend(handles=handles, loc="best", frameon=True, fontsize=9)
        drawn.set_title(font.drawable(title))
        drawn.set_axis_off()
        drawn.set_aspect("equal")
    return drawn


def _of_rule(results: Results, rule: str | None, lang: str) -> tuple[gpd.GeoDataFrame, str]:
    """Communities with the words and the colour of their verdict, and the title of the rule."""
    verdicts = verdict_rows(results.findings)
    own = verdicts[verdicts["level"].isin(COMMUNITY_LEVELS)]
    if rule is None:
        told = results.headlines[results.headlines["rule"].isin(own["rule"])]["rule"]
        rule = str(told.iloc[0] if len(told) else own["rule"].iloc[0] if len(own) else "")
    rows = own[own["rule"] == rule]
    if rows.empty:
        close = closest(rule, sorted(own["rule"].unique()), n=3, cutoff=0.0)
        raise InputError(Fault("no-such-rule", values={"found": rule, "nearest": ", ".join(close)}))
    by_code = rows.drop_duplicates("code").set_index("code")
    judged = results.communities[results.communities["inside"]]
    along = by_code.reindex(judged["code"])
    provisional = (along["status"] == "short") & (along["certainty"] == "provisional")
    status = along["status"].mask(provisional, "short-provisional").to_numpy(dtype=object)
    facts = pd.DataFrame(
        {
            "code": judged["code"].to_numpy(),
            "name": [display_name(name) for name in judged["name"]],
            "status": [text("map.no-finding", lang) if pd.isna(one) else _said(one, lang) for one in status],
            "deficit": _figures(along["deficit"], along["deficit_unit"], lang),
            "people": _figures(np.round(along["population_short"]), "persons", lang),
            "colour": [_COLOURS.get(one, _OTHER) if isinstance(one, str) else _OTHER for one in status],
        }
    )
    table = gpd.GeoDataFrame(facts, geometry=judged.geometry.to_numpy(), crs=results.inputs.crs)
    return table, title_of(results, str(rows["plan"].iloc[0]), rule, lang)


def _said(status: str, lang: str) -> str:
    """A status in words, provisional shortfalls told apart."""
    return text("map.short-provisional", lang) if status == "short-provisional" else code_word(status, lang)


def _figures(values: Any, units: Any, lang: str) -> list[str]:
    """A column of figures in words."""
    names = [units] * len(values) if isinstance(units, str) else units
    return [
        figure_words(value, unit if isinstance(unit, str) else "", lang)
        for value, unit in zip(values, names, strict=True)
    ]
