"""Write the demo city's files: the one way in."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np

from lifecircle import messages
from lifecircle.demo import ground as g
from lifecircle.demo.books import keep_books
from lifecircle.demo.bureau import bureau
from lifecircle.demo.countryside import draw_countryside
from lifecircle.demo.draft import Draft
from lifecircle.demo.facilities import offer, open_facilities
from lifecircle.demo.layers import write_boundary, write_communities, write_population
from lifecircle.demo.ledgers import write_ledger, write_pois
from lifecircle.demo.osm import write_pbf
from lifecircle.demo.people import count_on_grid, house_people
from lifecircle.demo.planted import planted, write_planted
from lifecircle.demo.streets import draw_streets
from lifecircle.demo.units import draw_units
from lifecircle.demo.workbook import write_layers, write_workbook
from lifecircle.errors import Fault, InputError, preview
from lifecircle.folders import kept_names

SEED: Final = 20250630
PLANS: Final = ("hainan-2022", "wuhu-2021", "zhuhai-2021", "shijiazhuang-2016")
"""What the demo city is judged by where nobody asks for other plans."""
_AREA_KINDS: Final = ("grid", "new-residential", "old-residential", "estate", "scenic", "resettlement")
_AREAS: Final = """
[[areas]]
kind = "{kind}"
source = "raw/areas.gpkg"
layer = "{kind}"
"""

_MARK: Final = "planted.toml"
"""Is written first: a folder that holds it is the demo city's."""

__all__ = ["PLANS", "SEED", "write_demo"]


def write_demo(folder: str | Path, *, plans: Sequence[str] = PLANS) -> Path:
    """Write the synthetic demo city into a folder.

    The same files every time: a fixed seed, fixed dates in the formats that carry them.

    Parameters
    ----------
    folder
        New, empty, or of an earlier demo city. Gains ``study.toml``, ``README.txt`` and ``raw/`` with
        ``streets.osm.pbf``, ``communities.gpkg``, ``boundary.geojson``, ``population.tif``,
        ``facilities.xlsx``, ``ledgers.xlsx``, ``areas.gpkg``, ``pois_gcj02_gbk.csv`` and ``planted.toml``;
        older ones are replaced.
    plans
        Ids of packaged plans that the study is judged by; reading the study refuses what is none.

    Returns
    -------
    Path
        The study file.

    Raises
    ------
    InputError
        If the folder holds other things: files of theirs might have the names of ours.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> study = lc.Study.from_file(lc.write_demo(tempfile.mkdtemp()))
    >>> study.area.communities.name, study.streets.source.rpartition("/")[2]
    ('communities.gpkg', 'streets.osm.pbf')
    """
    folder = Path(folder)
    raw = folder / "raw"
    if (names := kept_names(folder)) and not (raw / _MARK).is_file():
        raise InputError(Fault("demo-foreign", file=str(folder), values={"found": preview(names)}))
    raw.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    draft = Draft()
    ground = g.lay_out(rng)
    streets = draw_streets(rng, ground, draft)
    country = draw_countryside(rng, ground, streets, draft)
    buildings = house_people(rng, ground, streets, country, draft)
    units = draw_units(rng, ground, country, buildings)
    facilities = open_facilities(rng, ground, streets, country, units=units, buildings=buildings, draft=draft)
    books = keep_books(facilities, units, buildings)

    write_planted(raw / _MARK, planted(facilities, units, buildings, books.planted, books.ledger))
    write_pbf(raw / "streets.osm.pbf", draft, country.box)
    write_communities(raw / "communities.gpkg", units)
    write_boundary(raw / "boundary.geojson", units)
    write_population(raw / "population.tif", count_on_grid(buildings), country.boundary)
    write_ledger(raw / "facilities.xlsx", books.ledger, messages.text("demo.title", "zh"))
    write_workbook(raw / "ledgers.xlsx", books.sheets)
    write_layers(raw / "areas.gpkg", books.layers)
    write_pois(raw / "pois_gcj02_gbk.csv", facilities, units)
    urban = int((units["kind"] == "社区").sum())
    _write_readme(
        folder / "README.txt",
        people=int(units["population"].sum()),
        communities=urban,
        villages=len(units) - urban,
    )
    study = folder / "study.toml"
    _write_study(study, list(dict.fromkeys(plans)))
    return study


def _write_study(path: Path, plans: list[str]) -> None:
    """Write study.toml; its lists of complete services follow the offer."""
    offered = offer()
    ledger = [entry["service"] for entry in offered["public"]]
    ledger += [entry["service"] for entry in offered["shop"] if "amap" not in entry]
    bureaus = [
        service for entry in bureau()["facility"] for service in (entry["service"], *entry.get("also", []))
    ]
    bureaus.append("tourism-service-centre")
    shops = [entry["service"] for entry in offered["shop"] if "amap" in entry]
    text = (files(__package__) / "study.template.toml").read_text(encoding="utf-8")
    text = text.replace("@PLANS@", _quoted(plans))
    text = text.replace("@LEDGER@", _quoted(ledger)).replace("@SHOPS@", _quoted(shops))
    text = text.replace("@BUREAUS@", _quoted(list(dict.fromkeys(bureaus))))
    text = text.replace("@AREAS@", "".join(_AREAS.format(kind=kind) for kind in _AREA_KINDS))
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_readme(path: Path, **figures: int) -> None:
    """Write what the folder holds, in both languages."""
    text = "\n\n".join(messages.text("demo.readme", lang, **figures) for lang in messages.LANGUAGES)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _quoted(ids: list[str]) -> str:
    """Ids as the inside of a TOML array."""
    return ", ".join(f'"{one}"' for one in ids)
