"""Which services a row of a ledger offers: AMap codes, ids, names, and the words that nobody knows."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import pandas as pd

from lifecircle.errors import Fault, InputError, preview
from lifecircle.services import amap_services, catalogue, nearest
from lifecircle.sources.files.cell_values import codes, key, texts
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.name_variants import meant, suggested
from lifecircle.study.sections import FacilitySource

__all__ = ["say_services_lost", "services_of_rows"]

_SEVERAL: Final = re.compile(r"[;；、|]")
_SEVERAL_CODES: Final = re.compile(r"[;；、|,，/\s]+")
"""What parts several codes, and several names where the whole is no name of a service."""


def say_services_lost(source: FacilitySource, log: ReadingLog, *, since: int) -> None:
    """Say of the rows that reading left out which services they stand for, in place."""
    for at, lost in enumerate(log.lost[since:], since):
        log.lost[at] = dataclasses.replace(lost, services=_services_lost(source, lost.rows))


def _services_lost(source: FacilitySource, rows: pd.DataFrame) -> frozenset[str] | None:
    """Services of rows that are left out; None where one of them does not say."""
    if source.service:
        return frozenset({source.service})
    if "service" not in rows or rows.empty:
        return None
    said: set[str] = set()
    for word in texts(rows["service"]).unique():
        parts = _code_parts(word) if source.amap_column else _name_parts(word)
        known = [
            amap_services(part.zfill(6)) if source.amap_column else (_service_names().get(key(part), ""),)
            for part in parts
        ]
        if not parts or (not source.amap_column and ("",) in known):
            return None
        said.update(name for names in known for name in names)
    return frozenset(said)


def services_of_rows(
    source: FacilitySource, raw: gpd.GeoDataFrame, log: ReadingLog, file: str
) -> list[tuple[str, ...] | None]:
    """The services of every row, None where it offers none of ours."""
    if source.service:
        if source.service not in catalogue():
            values = {"found": source.service, "nearest": nearest(source.service, catalogue())}
            raise InputError(Fault("unknown-service", file=file, field="service", values=values))
        return [(source.service,)] * len(raw)
    if source.amap_column:
        return _amap(raw, log, file)
    return _named(raw, source.service_column, file, log)


def _amap(raw: gpd.GeoDataFrame, log: ReadingLog, file: str) -> list[tuple[str, ...] | None]:
    """Services by AMap's type codes; codes that stand for none are counted."""
    plain = texts(raw["service"])
    parts_of = {cell: _code_parts(cell) for cell in plain.unique()}
    parts = plain.map(parts_of)
    # A six-digit code read as a number loses its leading zero (050000 becomes 50000).
    padded = parts.map(lambda listed: "|".join(part.zfill(6) for part in listed))
    several = padded.str.count(r"\|").to_numpy()
    shortened = int(((padded != plain) & (several == 0)).sum())
    if shortened:
        log.remark("facilities", "codes-restored", item=file, count=shortened)
    known = {code: amap_services(code) for code in padded.unique()}
    unmatched = padded[~padded.map(lambda code: bool(known[code])).astype(bool)]
    if len(unmatched):
        names = preview(sorted(set(unmatched)))
        log.remark("facilities", "amap-unmatched", item=file, count=len(unmatched), value=names)
    return [known[code] or None for code in padded]


def _named(raw: gpd.GeoDataFrame, field: str, file: str, log: ReadingLog) -> list[tuple[str, ...] | None]:
    """Services by id or name; every word that neither catalogue nor the user's names know is a fault."""
    words = texts(raw["service"])
    parts = {text: _name_parts(text) for text in words.unique()}
    names = _names_of_services(parts, words, file, log)
    unknown: dict[str, list[str]] = {}
    for row, text in words.items():
        for part in parts[text]:
            if key(part) not in names:
                unknown.setdefault(part, []).append(str(row))
    for word, rows in sorted(unknown.items()):
        log.doubts.append(suggested("service", word, names, file=file, rows=rows[:10]))
    blank = words.index[words == ""]
    faults = [
        Fault(
            "unknown-service",
            file=file,
            row=preview(rows),
            field=field,
            values={"found": word, "nearest": nearest(key(word), names)},
        )
        for word, rows in sorted(unknown.items())
    ]
    if len(blank):
        faults.append(Fault("blank-service", file=file, row=preview(blank), field=field))
    if faults:
        raise InputError(faults)
    return [tuple(dict.fromkeys(names[key(part)] for part in parts[text])) for text in words]


def _names_of_services(
    parts: Mapping[str, list[str]], words: pd.Series, file: str, log: ReadingLog
) -> Mapping[str, str]:
    """Names of services to their ids, with those that the user's table of names explains."""
    names = dict(_service_names())
    taken = set()
    for part in {part for listed in parts.values() for part in listed}:
        use = meant("service", part, log)
        if key(part) not in names and key(use) in names:
            names[key(part)] = names[key(use)]
            taken.add(part)
    if taken:
        count = sum(not taken.isdisjoint(parts[word]) for word in words)
        value = preview(sorted(f"{name} = {names[key(name)]}" for name in taken), 10)
        log.remark("facilities", "names-explained", item=file, count=count, value=value)
    return names


def _code_parts(cell: str) -> list[str]:
    """The AMap codes that stand in one cell, as a spreadsheet left them."""
    listed = [part for part in _SEVERAL_CODES.split(cell) if part]
    return codes(pd.Series(listed, dtype=object))[0].tolist()


def _name_parts(cell: str) -> list[str]:
    """The names of services in one cell; commas and slashes part them where no name holds these."""
    names = _service_names()
    listed: list[str] = []
    for part in filter(None, map(str.strip, _SEVERAL.split(cell))):
        smaller = [one for one in _SEVERAL_CODES.split(part) if one]
        divides = key(part) not in names and all(key(one) in names for one in smaller)
        listed.extend(smaller if divides else [part])
    return listed


def _service_names() -> Mapping[str, str]:
    """Ids and both names of every service, as they compare, to its id."""
    names: dict[str, str] = {}
    for service in catalogue().values():
        for name in (service.id, service.zh, service.en):
            names.setdefault(key(name), service.id)
    return names
