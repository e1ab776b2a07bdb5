"""The folder of one county: its gap map, report, workbook and layers, beside those of the whole study."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from lifecircle.outputs.gis.layers import write_layers
from lifecircle.outputs.report.html import write_report_html
from lifecircle.outputs.web_map.basemap import Basemap
from lifecircle.outputs.web_map.county_pages import CountyPage
from lifecircle.outputs.web_map.gap_map import write_gap_map
from lifecircle.outputs.workbook.write import write_workbook
from lifecircle.tables import STUDY_AREA, Results

COUNTIES: Final = "counties"
"""Folder of the counties' folders in a results folder."""

_WHOLE_PAGE: Final = "../../gap_map.html"
_PLAIN_CODE: Final = re.compile(r"[0-9A-Za-z_-]{1,40}")

__all__ = ["COUNTIES", "county_folder", "write_county"]


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
    return f"{COUNTIES}/{code if _PLAIN_CODE.fullmatch(code) else f'county-{place}'}"


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
    write_report_html(part, folder / "report.html", lang=lang)
    write_workbook(part, folder / "deficits.xlsx", lang=lang)
    write_layers(part, folder / "study.gpkg", lang=lang)
    # the row over all rules counts each community once
    table = part.summary
    (own,) = table[(table["area"] == STUDY_AREA) & (table["rule"] == "") & (table["scenario"] == "")].to_dict(
        "records"
    )
    return CountyPage(
        code=code,
        name=name,
        communities=int(part.inputs.communities["inside"].sum()),
        short=int(own["short_firm"] + own["short_assumed"] + own["short_provisional"]),
        people=own["people"],
        folder=address,
        outline=part.inputs.boundary.geometry,
    )
