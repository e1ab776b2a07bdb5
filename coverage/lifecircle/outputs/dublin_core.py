"""What an output is, in Dublin Core terms: carried by layers, GeoParquet files, rasters and web pages."""

from __future__ import annotations

from importlib.metadata import version

from lifecircle.outputs.safe_text import plain_text
from lifecircle.outputs.web_map.text import study_date
from lifecircle.outputs.words import plan_title
from lifecircle.tables import Results

__all__ = ["dublin_core"]


def dublin_core(results: Results, lang: str, *, of: str = "", epsg: int | None = None) -> dict[str, str]:
    """Title, date, language, maker and sources of an output.

    Keys are named as in web pages, ``DCTERMS.title``, for GDAL takes no colon in a key.

    Parameters
    ----------
    results
        The finished study.
    lang
        Language of the output.
    of
        What of the study it holds; blank for all of it.
    epsg
        Its coordinate system, where it has one.
    """
    name = plain_text(results.inputs.name)
    terms = {
        "DCTERMS.title": f"{name} · {of}" if of else name,
        "DCTERMS.date": study_date(results),
        "DCTERMS.language": lang,
        "DCTERMS.creator": f"lifecircle {version('lifecircle')}",
        "DCTERMS.source": "; ".join(plan_title(results, str(plan["id"]), lang) for plan in results.plans),
    }
    if epsg is not None:
        terms["DCTERMS.conformsTo"] = f"http://www.opengis.net/def/crs/EPSG/0/{epsg}"
    return terms
