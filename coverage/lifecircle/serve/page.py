"""The gap map's page in live mode: the same page, with what edits a scenario beside it."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Final

from lifecircle.messages import LANGUAGES, keys, text
from lifecircle.outputs.web_map.page import PageParts, map_page
from lifecircle.outputs.web_map.text import page_words
from lifecircle.serve.answers import Answers

__all__ = ["LIVE_SCRIPTS", "live_asset", "live_page"]

LIVE_SCRIPTS: Final = ("talk", "marks", "modes", "panel", "start")
"""In the order of running: requests and events, what is drawn, what clicks do, the panel, the start."""

_POLICY: Final = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


def live_page(answers: Answers) -> tuple[str, str]:
    """The page as text, and its Content-Security-Policy, which the server sends as a header too.

    Parameters
    ----------
    answers
        Hold the data of the page.
    """
    words = page_words("map", "status", "live")
    cohorts = [key for key in keys() if key.startswith("effects.cohort.")]
    told = {lang: {**words[lang], **{key: text(key, lang) for key in cohorts}} for lang in LANGUAGES}
    data = {
        **answers.page,
        "words": told,
        "live": {"judged": sorted(answers.judged_services), "minutes": answers.limits()},
    }
    page = map_page(
        data,
        title=str(answers.page["name"]),
        lang=str(answers.page["lang"]),
        served=PageParts(
            scripts=tuple(live_asset(f"live_{name}.js") for name in LIVE_SCRIPTS),
            styles=(live_asset("live.css"),),
            body=live_asset("live.html"),
        ),
    )
    policy = _POLICY.search(page)
    return page, policy[1] if policy else ""


def live_asset(name: str) -> str:
    """One of the package's own files in ``serve/assets``."""
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")
