"""Reads ``catalogue.toml`` and answers which services a tag or a code stands for."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from lifecircle.errors import Fault, InputError, closest, preview

__all__ = [
    "ANY",
    "GROUPS",
    "OwnService",
    "Service",
    "TagTest",
    "amap_services",
    "catalogue",
    "in_group",
    "nearest",
    "osm_keys",
    "osm_tests",
    "own_services",
    "selected_services",
    "service",
    "service_names",
    "usual_services",
    "with_origins",
]

ANY: Final = "*"
"""In a tag test: the key must be there, whatever its value."""

_SHORT_LIST: Final = 12

GROUPS: Final = (
    "basic-guarantee",
    "quality-improving",
    "sport",
    "community",
    "government",
    "health",
    "elderly",
    "children",
    "welfare",
    "culture",
    "education",
    "work",
    "environment",
    "safety",
    "trade",
    "open-space",
    "transport",
    "own",
)
"""``basic-guarantee`` (基本保障类) and ``quality-improving`` (品质提升类) are the classes of business
in the guide to convenience circles (商办流通函〔2021〕247号); the other groups only sort the list, and
``own`` are a study's own."""

TagTest = Mapping[str, frozenset[str] | Literal["*"]]
"""Keys that must all be present, each with one of its values (or `ANY`)."""


@dataclass(frozen=True)
class Service:
    """One service.

    Attributes
    ----------
    id
        Stable, kebab-case: ``health-station``.
    zh, en
        Its name.
    group
        One of `GROUPS`.
    osm
        Tag tests of OpenStreetMap, any of which marks it; empty where OSM has no tag of that meaning.
    amap
        NEW_TYPE codes of AMap's classification of 2017-08-10; trailing pairs of zeros stand for any.
    amap_except
        Codes within `amap` that are something else.
    also
        Other words that people use for it.
    on_request
        It is read from OpenStreetMap only where a plan or the study names it.
    of
        Services whose facilities offer it too, where they are large enough: a study's own alone.
    min_site_area_m2, min_floor_area_m2
        How large those facilities must be; None where that does not matter.
    """

    id: str
    zh: str
    en: str
    group: str
    osm: tuple[TagTest, ...] = ()
    amap: tuple[str, ...] = ()
    amap_except: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    on_request: bool = False
    of: tuple[str, ...] = ()
    min_site_area_m2: float | None = None
    min_floor_area_m2: float | None = None

    @property
    def least(self) -> Mapping[str, float]:
        """What a facility of `of` must measure at least, by the column that says it."""
        asked = {"site_area_m2": self.min_site_area_m2, "floor_area_m2": self.min_floor_area_m2}
        return {column: least for column, least in asked.items() if least is not None}

    def __getitem__(self, lang: str) -> str:
        return {"zh": self.zh, "en": self.en}[lang]


class OwnService(NamedTuple):
    """A service of a study's own, as ``[[services]]`` defines it; tests and codes as in the catalogue."""

    id: str
    zh: str
    en: str
    osm: tuple[str, ...] = ()
    amap: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    min_site_area_m2: float | None = None
    min_floor_area_m2: float | None = None


_OWN: Final[ContextVar[tuple[OwnService, ...]]] = ContextVar("own_services", default=())


@contextmanager
def own_services(services: Iterable[OwnService]) -> Iterator[None]:
    """The catalogue with services of a study's or a plan's own beside it, for the length of a ``with``.

    Inside another such ``with`` its services stay; what is defined twice in the same words is one service.

    Raises
    ------
    InputError
        If the catalogue has one of that id, or two that differ share one; if one is selected from a service
        that is not known, or is itself selected.

    Examples
    --------
    >>> tea_house = OwnService("tea-house", "茶馆", "Tea house", osm=("amenity=cafe & cuisine=tea",))
    >>> with own_services([tea_house]):
    ...     catalogue()["tea-house"].en
    'Tea house'
    >>> "tea-house" in catalogue()
    False
    """
    listed = tuple(dict.fromkeys((*_OWN.get(), *services)))
    ids = [one.id for one in listed]
    taken = sorted({name for name in ids if name in _packaged() or ids.count(name) > 1})
    if taken:
        raise InputError(Fault("own-service-taken", field="services.id", values={"found": preview(taken)}))
    known = {*_packaged(), *(one.id for one in listed if not one.of)}
    unknown = [(one.id, name) for one in listed for name in one.of if name not in known]
    if unknown:
        raise InputError(
            Fault(
                "own-service-of",
                field="services.of",
                values={"service": name, "found": origin, "nearest": nearest(origin, known)},
            )
            for name, origin in unknown
        )
    token = _OWN.set(listed)
    try:
        yield
    finally:
        _OWN.reset(token)


def catalogue() -> Mapping[str, Service]:
    """Every service by id, in the order of the catalogue; then those of the study's own (`own_services`)."""
    return _catalogue(_OWN.get())


@cache
def _packaged() -> Mapping[str, Service]:
    """The services of ``catalogue.toml``."""
    text = (files(__package__) / "catalogue.toml").read_text(encoding="utf-8")
    return MappingProxyType({name: _service(name, entry) for name, entry in tomllib.loads(text).items()})


@lru_cache(maxsize=64)
def _catalogue(own: tuple[OwnService, ...]) -> Mapping[str, Service]:
    """The packaged services and a study's own, which are read from the map wherever it marks them."""
    further = {one.id: _service(one.id, {**one._asdict(), "group": "own"}) for one in own}
    return MappingProxyType({**_packaged(), **further})


def service(name: str) -> Service:
    """One service by id.

    Raises
    ------
    InputError
        If there is none of that id; the nearest ids are named.
    """
    entry = catalogue().get(name)
    if entry is None:
        near = nearest(name, catalogue())
        raise InputError(Fault("unknown-service", values={"found": name, "nearest": near}))
    return entry


def in_group(group: str) -> tuple[str, ...]:
    """Ids of a group's services, in the order of the catalogue."""
    return tuple(service.id for service in catalogue().values() if service.group == group)


def nearest(name: str, names: Iterable[str]) -> str:
    """The three of `names` that mean, or else look, most like `name`; all of a short list if none does.

    Services are known by their meaning too: by their names in either language and by other words for them.

    Examples
    --------
    >>> nearest("clinic", catalogue())
    'health-centre, health-station, primary-care'
    """
    known = sorted(names)
    if meant := [one for one in known if one in catalogue() and _means(catalogue()[one], name)]:
        return ", ".join(meant[:3])
    close = closest(name, known, n=3, cutoff=0.5)
    if close or len(known) <= _SHORT_LIST:
        return ", ".join(close or known)
    return ", ".join(closest(name, known, n=3, cutoff=0.0))


def _means(service: Service, name: str) -> bool:
    """Whether a word is one of a service's own: its name in a language, or another word for it."""
    word = _plain(name)
    return bool(word) and word in {_plain(own) for own in (service.zh, service.en, *service.also)}


def _plain(word: str) -> str:
    """A word without case, plural and what parts it from the next."""
    spaced = " ".join(word.casefold().replace("-", " ").replace("_", " ").split())
    return spaced[:-1] if spaced.endswith("s") and not spaced.endswith("ss") else spaced


def osm_tests() -> Mapping[str, tuple[TagTest, ...]]:
    """Tag tests by service, for services that OSM marks.

    A place offers the service if any test holds; a test holds if every one of its keys is tagged with
    one of its values, or with anything where the value is `ANY`. Whether the place is open to the
    public (``access``) is not part of the test.
    """
    return MappingProxyType({service.id: service.osm for service in catalogue().values() if service.osm})


def usual_services() -> frozenset[str]:
    """Services that are read from OpenStreetMap whether or not a plan or the study names them."""
    return frozenset(name for name in osm_tests() if not catalogue()[name].on_request)


def selected_services() -> tuple[Service, ...]:
    """The services that large enough facilities of others offer: ``of`` of ``[[services]]``."""
    return tuple(one for one in catalogue().values() if one.of)


def with_origins(names: Iterable[str]) -> frozenset[str]:
    """Services, and beside them those that they are selected from, which must be read for them.

    Examples
    --------
    >>> large = OwnService("large-park", "大公园", "Large park", of=("park",), min_site_area_m2=10_000)
    >>> with own_services([large]):
    ...     sorted(with_origins(["large-park"]))
    ['large-park', 'park']
    """
    known = catalogue()
    asked = frozenset(names)
    return asked.union(*(known[name].of for name in asked if name in known))


def osm_keys() -> frozenset[str]:
    """Every OSM key that some test looks at."""
    return frozenset(key for tests in osm_tests().values() for test in tests for key in test)


def amap_services(code: str) -> tuple[str, ...]:
    """Ids of the services that an AMap type code stands for.

    Parameters
    ----------
    code
        Six digits as AMap exports them (leading zero kept), or several joined with ``|``.

    Returns
    -------
    tuple of str
        In the order of the catalogue; empty where no service covers the code. A code of the catalogue
        that ends in pairs of zeros covers everything below it: ``080100`` covers ``080108``, and
        ``050000`` covers ``05xxxx``. The reverse does not hold: a place marked only ``050000`` is not
        a café.
    """
    codes = [part.strip() for part in code.split("|")]
    return tuple(
        service.id
        for service in catalogue().values()
        if any(_covers(service, part) for part in codes if part)
    )


def _covers(service: Service, code: str) -> bool:
    """Whether one AMap code lies under one of a service's codes and under none of its exceptions."""
    return any(map(code.startswith, map(_stem, service.amap))) and not any(
        map(code.startswith, map(_stem, service.amap_except))
    )


def _stem(code: str) -> str:
    """The part of an AMap code that its trailing pairs of zeros leave fixed."""
    while code.endswith("00"):
        code = code[:-2]
    return code


def _service(name: str, entry: Mapping[str, object]) -> Service:
    """One entry of the catalogue as a record."""
    fields = {key: value for key, value in entry.items() if key != "id"}
    tests = tuple(_tag_test(text) for text in _texts(fields.pop("osm", ())))
    amap, amap_except = _texts(fields.pop("amap", ())), _texts(fields.pop("amap_except", ()))
    also, on_request = _texts(fields.pop("also", ())), bool(fields.pop("on_request", False))
    of = _texts(fields.pop("of", ()))
    least: dict[str, Any] = {key: fields.pop(key, None) for key in ("min_site_area_m2", "min_floor_area_m2")}
    words: dict[str, Any] = {key: str(value) for key, value in fields.items()}
    return Service(
        id=name,
        osm=tests,
        amap=amap,
        amap_except=amap_except,
        also=also,
        on_request=on_request,
        of=of,
        **least,
        **words,
    )


def _texts(values: object) -> tuple[str, ...]:
    """A TOML array of strings."""
    return tuple(str(value) for value in values) if isinstance(values, list | tuple) else ()


def _tag_test(text: str) -> TagTest:
    """``shop=laundry|dry_cleaning & access=*`` as keys and their values."""
    pairs = (part.strip().split("=", 1) for part in text.split("&"))
    return MappingProxyType(
        {key: "*" if values == ANY else frozenset(values.split("|")) for key, values in pairs}
    )


def service_names() -> Mapping[str, Mapping[str, str]]:
    """Service id to its names."""
    return {name: {"zh": service.zh, "en": service.en} for name, service in catalogue().items()}
