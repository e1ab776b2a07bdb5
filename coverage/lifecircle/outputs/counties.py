"""The folder of one county: its gap map, report, workbook and layers, beside those of the whole study."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lifecircle.outputs.gis.layers import write_layers
from lifecircle.outputs.report.html import write_report_html
from lifecircle.outputs.web_map.basemap import Basemap
from lifecircle.outputs.web_map.county_pages import CountyPage
from lifecircle.outputs.web_map.gap_map import write_gap_map
from lifecircle.outputs.workbook.scores import shortfall_words
from lifecircle.outputs.workbook.write import write_workbook
from lifecircle.tables import STUDY_AREA, Results, Shortfall

COUNTIES: Final = "counties"
"""Folder of the counties' folders in a results folder."""

_WHOLE_PAGE: Final = "../../gap_map.html"
_WHOLE_REPORT: Final = "../../report.html"
_PLAIN_CODE: Final = re.compile(r"[0-9A-Za-z_-]{1,40}")

__all__ = ["COUNTIES", "county_folder", "county_stem", "write_county"]


def county_folder(code: str, place: int) -> str:
    """Where the files of a county lie in a results folder: under its code, else its place among the counties.

    Parameters
    ----------
    code
        As the study's own data have it: text from outside.
    place
        Of the county among those of the study, from 1.

    Examples
    --------
    >>> county_folder("460105", 1), county_folder("../x", 2)
    ('counties/460105', 'counties/county-2')
    """
    return f"{COUNTIES}/{county_stem(code, place)}"


def county_stem(code: str, place: int) -> str:
    """The name of a county's files or folder: its code, else its place among the counties.

    Parameters
    ----------
    code, place
        As in `county_folder`.
    """
    return code if _PLAIN_CODE.fullmatch(code) else f"county-{place}"


def write_county(
    part: Results,
    folder: Path,
    *,
    code: str,
    name: str,
    address: str,
    lang: str,
    basemap: Basemap | None = None,
) -> CountyPage:
    """Write a county's ``gap_map.html``, ``report.html``, ``deficits.xlsx`` and ``study.gpkg``.

    Parameters
    ----------
    part
        The county alone, as `county_results` has it.
    folder
        Made here.
    code, name
        Of the county.
    address
        Of the folder, as seen from the page of the whole study.
    lang
        zh or en.
    basemap
        What lies under its map.

    Returns
    -------
    CountyPage
        What the page of the whole study says of it.
    """
    folder.mkdir(parents=True)
    write_gap_map(part, folder / "gap_map.html", lang=lang, basemap=basemap, whole=_WHOLE_PAGE)
    write_report_html(part, folder / "report.html", lang=lang, whole=_WHOLE_REPORT)
    write_workbook(part, folder / "deficits.xlsx", lang=lang)
    write_layers(part, folder / "study.gpkg", lang=lang)
    rows = part.summary[(part.summary["area"] == STUDY_AREA) & (part.summary["scenario"] == "")]
    rows = rows.assign(short=rows[["short_firm", "short_assumed", "short_provisional"]].sum(axis=1))
    # the row over all rules counts each community once
    (own,) = rows[rows["rule"] == ""].to_dict("records")
    judged = rows["short"] + rows[["met_firm", "met_assumed", "met_provisional"]].sum(axis=1) > 0
    by_rule = rows[(rows["rule"] != "") & (rows["level"] == "community") & rows["verdict"] & judged]
    communities = part.inputs.communities[part.inputs.communities["inside"]]
    lacking = _largest(one for each in part.scorecard.query("subject == 'plan'")["largest"] for one in each)
    return CountyPage(
        code=code,
        name=name,
        communities=len(communities),
        short=int(own["short"]),
        people=own["people"],
        folder=address,
        outline=part.inputs.boundary.geometry,
        residents=float(communities["population"].sum(min_count=1)),
        short_of={(str(row.plan), str(row.rule)): int(row.short) for row in by_rule.itertuples(index=False)},
        largest=shortfall_words(part, lacking, lang) if lacking else "",
    )


def _largest(shortfalls: Iterable[Shortfall]) -> Shortfall | None:
    """The one that concerns most people; None of none."""
    counted = [(0.0 if math.isnan(one.people) else one.people, one) for one in shortfalls]
    return max(counted, key=lambda pair: pair[0])[1] if counted else None
