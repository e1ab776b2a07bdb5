"""The demo's study file and the note that says what it is."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from lifecircle import messages
from lifecircle.demo.bureau import bureau
from lifecircle.demo.facilities import offer

AREA_KINDS: Final = ("grid", "new-residential", "old-residential", "estate", "scenic", "resettlement")
_AREAS: Final = """
[[areas]]
kind = "{kind}"
source = "raw/areas.gpkg"
layer = "{kind}"
"""

__all__ = ["write_readme", "write_study"]


def write_study(path: Path) -> None:
    """Write study.toml; its lists of complete services follow the offer."""
    plan = offer()
    ledger = [entry["service"] for entry in plan["public"]]
    ledger += [entry["service"] for entry in plan["shop"] if "amap" not in entry]
    bureaus = [
        service for entry in bureau()["facility"] for service in (entry["service"], *entry.get("also", []))
    ]
    bureaus.append("tourism-service-centre")
    shops = [entry["service"] for entry in plan["shop"] if "amap" in entry]
    text = (files(__package__) / "study.template.toml").read_text(encoding="utf-8")
    text = text.replace("@LEDGER@", _quoted(ledger)).replace("@SHOPS@", _quoted(shops))
    text = text.replace("@BUREAUS@", _quoted(list(dict.fromkeys(bureaus))))
    text = text.replace("@AREAS@", "".join(_AREAS.format(kind=kind) for kind in AREA_KINDS))
    path.write_text(text, encoding="utf-8", newline="\n")


def write_readme(path: Path, **figures: int) -> None:
    """Write what the folder holds, in both languages."""
    text = "\n\n".join(messages.text("demo.readme", lang, **figures) for lang in messages.LANGUAGES)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _quoted(services: list[str]) -> str:
    """Service ids as the inside of a TOML array."""
    return ", ".join(f'"{service}"' for service in services)
