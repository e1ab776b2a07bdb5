"""The demo city's raw files as they lie there: facilities, homes, ledgers, streets.

pandas, geopandas, rasterio and pyosmium; nothing of the package is imported. What is read of it are lists
that are data: the catalogue of services, the plan files, and the headings of a template.
"""

from __future__ import annotations

import math
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import osmium
import pandas as pd
import rasterio
import shapely
from pyproj import Transformer

PACKAGE = Path(__file__).parent.parent.parent / "coverage" / "lifecircle"
PLANS = ("hainan-2022", "wuhu-2021", "shijiazhuang-2016", "zhuhai-2021")
DIGITS = {"community": 12, "village": 12, "township": 9, "street": 9, "county": 6, "city": 4}
FIGURES = (
    "floor_area_m2", "activity_area_m2", "site_area_m2", "sports_area_m2", "capacity", "meets_standard",
)  # fmt: skip
_OWN_HEADINGS = {"床位（张）": "capacity", "体育场地面积（㎡）": "sports_area_m2"}
"""Headings of the bureau's own ledger that no template has."""


def catalogue() -> dict[str, dict]:
    """The services: names and codes of map providers."""
    return tomllib.loads((PACKAGE / "services" / "catalogue.toml").read_text(encoding="utf-8"))


def rules() -> list[dict]:
    """The rules of the four plans that are judged."""
    files = [
        tomllib.loads((PACKAGE / "plans" / f"{name}.toml").read_text(encoding="utf-8")) for name in PLANS
    ]
    return [rule for file in files for rule in file["rule"] if rule["role"] != "baseline"]


def headings() -> dict[str, str]:
    """Columns by their headings in a Chinese template."""
    words = tomllib.loads((PACKAGE / "messages" / "plans.toml").read_text(encoding="utf-8"))
    return {entry["zh"]: name for name, entry in words["column"].items()} | _OWN_HEADINGS


def number(cell) -> float:
    """A figure as an office types it: full-width digits, commas, ten-thousands; yes and no are 1 and 0."""
    if isinstance(cell, bool):
        return float(cell)
    words = unicodedata.normalize("NFKC", "" if cell is None else str(cell)).replace(",", "").strip()
    if words in {"是", "否"}:
        return float(words == "是")
    scale = 10_000.0 if words.endswith("万") else 1.0
    try:
        return float(words.removesuffix("万")) * scale
    except ValueError:
        return math.nan


def to_wgs84(lon, lat):
    """Out of the shifted coordinates of Chinese map providers, by putting them in until they fit."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    x, y = lon.copy(), lat.copy()
    for _ in range(12):
        dx, dy = shift(x, y)
        x, y = lon - dx, lat - dy
    return x, y


def shift(lon, lat):
    """Degrees by which GCJ-02 moves a place."""
    x, y, pi = lon - 105.0, lat - 35.0, math.pi

    def waves(value):
        """What both formulas share."""
        return (20 * np.sin(6 * x * pi) + 20 * np.sin(2 * x * pi)) * 2 / 3 + value

    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += waves((20 * np.sin(y * pi) + 40 * np.sin(y / 3 * pi)) * 2 / 3)
    north += (160 * np.sin(y / 12 * pi) + 320 * np.sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += waves((20 * np.sin(x * pi) + 40 * np.sin(x / 3 * pi)) * 2 / 3)
    east += (150 * np.sin(x / 12 * pi) + 300 * np.sin(x / 30 * pi)) * 2 / 3
    a, ee, angle = 6378245.0, 0.00669342162296594323, lat / 180 * pi
    magic = 1 - ee * np.sin(angle) ** 2
    dlat = north * 180 / ((a * (1 - ee)) / (magic * np.sqrt(magic)) * pi)
    dlon = east * 180 / (a / np.sqrt(magic) * np.cos(angle) * pi)
    return dlon, dlat


class Raw:
    """What the files hold, read once.

    Attributes
    ----------
    folder : holds the raw files
    units : communities and villages by code, in their own CRS
    homes : pieces of raster cells: residents, community, lon and lat
    facilities : one row per facility and service it offers: id, service, lon, lat, community, figures
    """

    def __init__(self, folder: Path):
        self.folder = folder
        units = gpd.read_file(folder / "communities.gpkg").rename(columns={"代码": "code", "名称": "name"})
        self.units = units.set_index(units["code"].astype(str))
        self.kind = self.units["类型"].map({"社区": "community", "村": "village"})

    @cached_property
    def ledgers(self) -> dict[str, pd.DataFrame]:
        """Sheets of the offices' workbook by their names, figures by column and code."""
        names, tables = headings(), {}
        for sheet in openpyxl.load_workbook(self.folder / "ledgers.xlsx", read_only=True):
            heads, *rows = sheet.iter_rows(values_only=True)
            if heads[0] != "代码":
                continue
            table = pd.DataFrame(rows, columns=[names.get(word, word) for word in heads])
            table.index = table.iloc[:, 0].astype(str)
            tables[sheet.title] = table.iloc[:, 2:].map(number)
        return tables

    @cached_property
    def facilities(self) -> pd.DataFrame:
        """Every facility of the four lists, with the community it lies in."""
        lists = [self._ledger_facilities(), self._office_facilities(), *self._shops(), self._pitches()]
        table = pd.concat(lists, ignore_index=True).drop_duplicates(["facility", "service"])
        table["code"] = self.within(table, self.units)
        return table.reset_index(drop=True)

    def within(self, table: pd.DataFrame, areas: gpd.GeoDataFrame) -> pd.Series:
        """Index of the area that each place lies in, blank for none."""
        places = gpd.GeoSeries(gpd.points_from_xy(table["lon"], table["lat"]), crs=4326).to_crs(areas.crs)
        place, area = shapely.STRtree(areas.geometry.to_numpy()).query(places.to_numpy(), predicate="within")
        inside = pd.Series("", index=table.index, dtype=object)
        inside.iloc[place] = areas.index.astype(str).to_numpy()[area]
        return inside

    def areas(self, kind: str) -> gpd.GeoDataFrame:
        """A layer of further areas, by code."""
        table = gpd.read_file(self.folder / "areas.gpkg", layer=kind)
        return table.set_index(table["code"].astype(str))

    def _ledger_facilities(self) -> pd.DataFrame:
        """The bureau's ledger: a title, two rows of headings, figures as typed."""
        book = openpyxl.load_workbook(self.folder / "facilities.xlsx")
        rows = list(book["设施台账"].iter_rows(values_only=True))
        heads = [lower or upper for upper, lower in zip(rows[1], rows[2], strict=True)]
        return _listed(pd.DataFrame(rows[3:], columns=heads), "facilities", "序号")

    def _office_facilities(self) -> pd.DataFrame:
        """The sheet of facilities of the offices' workbook."""
        table = pd.read_excel(self.folder / "ledgers.xlsx", sheet_name="设施", dtype=object)
        return _listed(table, "ledgers", "编号")

    def _shops(self) -> list[pd.DataFrame]:
        """The map provider's points of interest, service by service."""
        shops = pd.read_csv(self.folder / "pois_gcj02_gbk.csv", encoding="gbk", dtype={"typecode": str})
        lon, lat = to_wgs84(shops["lon"], shops["lat"])
        lists = []
        for service, entry in catalogue().items():
            if not (codes := entry.get("amap")):
                continue
            stems = tuple(code.removesuffix("00").removesuffix("00") for code in codes)
            kept = shops["typecode"].str.startswith(stems)
            kept &= ~shops["typecode"].isin(entry.get("amap_except", ()))
            names = "pois_gcj02_gbk:" + shops["id"]
            lists.append(pd.DataFrame({"facility": names, "service": service, "lon": lon, "lat": lat})[kept])
        return lists

    def _pitches(self) -> pd.DataFrame:
        """Sports pitches that only the streets' file knows, at their middles."""
        rows = []
        for name, ring in self.pitch_rings:
            middle = shapely.centroid(shapely.Polygon(ring))
            rows.append({"facility": f"osm:w{name}", "service": "sports-ground"} | _lon_lat(middle))
        return pd.DataFrame(rows)

    @cached_property
    def pitch_rings(self) -> list[tuple[int, list[tuple[float, float]]]]:
        """Outlines of the pitches, by the number of their way."""
        file = osmium.FileProcessor(str(self.folder / "streets.osm.pbf")).with_locations()
        return [
            (item.id, [(node.lon, node.lat) for node in item.nodes])
            for item in file
            if item.is_way() and item.tags.get("leisure") == "pitch"
        ]

    @cached_property
    def homes(self) -> pd.DataFrame:
        """Cells of the raster cut by the communities: residents, community, lon and lat of each piece."""
        with rasterio.open(self.folder / "population.tif") as file:
            people = file.read(1, masked=True).filled(0)
            row, column = np.nonzero(people)
            turn, crs = file.transform, file.crs
        west, north = turn.c + turn.a * column, turn.f + turn.e * row
        boxes = shapely.box(west, north + turn.e, west + turn.a, north)
        units = self.units.to_crs(crs)
        cell, unit = shapely.STRtree(units.geometry.to_numpy()).query(boxes, predicate="intersects")
        pieces = shapely.intersection(boxes[cell], units.geometry.to_numpy()[unit])
        share = shapely.area(pieces) / shapely.area(boxes[cell])
        middle = shapely.centroid(pieces)
        middle = np.where(shapely.intersects(pieces, middle), middle, shapely.point_on_surface(pieces))
        lon, lat = Transformer.from_crs(crs, 4326, always_xy=True).transform(
            shapely.get_x(middle), shapely.get_y(middle)
        )
        residents = people[row, column][cell] * share
        table = pd.DataFrame(
            {"code": units.index.to_numpy()[unit], "residents": residents, "lon": lon, "lat": lat}
        )
        return table[table["residents"] > 0].reset_index(drop=True)

    @cached_property
    def middles(self) -> pd.DataFrame:
        """The home or dwelling nearest to the mean place of each community's residents, by its code."""
        houses = pd.DataFrame(self._dwellings())
        houses["code"] = self.within(houses, self.units)
        places = pd.concat([self.homes, houses[houses["code"] != ""].assign(residents=0.0)])
        lon, lat = self.homes["lon"].mean(), self.homes["lat"].mean()
        flat = f"+proj=tmerc +lon_0={lon} +lat_0={lat} +datum=WGS84 +units=m"
        x, y = Transformer.from_crs(4326, flat, always_xy=True).transform(places["lon"], places["lat"])
        places = places.assign(x=x, y=y).reset_index(drop=True)
        nearest = {}
        for code, own in places.groupby("code"):
            mean = np.average(own[["x", "y"]], axis=0, weights=own["residents"])
            away = np.hypot(own["x"] - mean[0], own["y"] - mean[1]).round(3)
            nearest[code] = places.loc[away.idxmin(), ["lon", "lat"]]
        return pd.DataFrame(nearest).T.astype(float)

    def _dwellings(self) -> Iterator[dict[str, float]]:
        """A place inside each residential building of the streets' file."""
        for item in osmium.FileProcessor(str(self.folder / "streets.osm.pbf")).with_locations():
            if item.is_way() and item.tags.get("building") in {"apartments", "residential", "house"}:
                ring = shapely.Polygon([(node.lon, node.lat) for node in item.nodes])
                yield _lon_lat(shapely.point_on_surface(ring))

    @cached_property
    def people(self) -> pd.Series:
        """Residents of each community."""
        return self.homes.groupby("code")["residents"].sum()

    def codes_of(self, unit: str) -> list[str]:
        """Codes of the units of one kind: communities, villages, townships, streets, counties, the city."""
        digits = DIGITS[unit]
        if digits == 12:
            return sorted(self.kind.index[self.kind == unit])
        codes = sorted({code[:digits] for code in self.units.index})
        if unit in {"township", "street"}:
            streets = set(self.units.index[self.units["乡镇街道"].str.endswith("街道")].str[:9])
            return [code for code in codes if (code in streets) == (unit == "street")]
        return codes

    def name_of(self, unit: str, code: str) -> str:
        """The name of a unit."""
        column = {12: "name", 9: "乡镇街道", 6: "区县", 4: "城市"}[DIGITS[unit]]
        return str(self.units.loc[self.units.index.str.startswith(code), column].iloc[0])


def _lon_lat(place) -> dict[str, float]:
    """A place in degrees."""
    return {"lon": place.x, "lat": place.y}


def _listed(table: pd.DataFrame, label: str, key: str) -> pd.DataFrame:
    """A ledger of facilities under the names of its columns."""
    columns, services = headings(), {entry["zh"]: name for name, entry in catalogue().items()}
    own = pd.DataFrame(
        {
            "facility": [f"{label}:{name}" for name in table[key]],
            "service": [services.get(str(word), str(word)) for word in table["类别"]],
            "lon": table["经度"].map(number),
            "lat": table["纬度"].map(number),
        }
    )
    for heading in table.columns:
        if (name := columns.get(str(heading))) in FIGURES:
            own[name] = table[heading].map(number)
    return own
