"""Presence, ratio and circle rules of the demo city, computed anew from its raw files.

pandas, geopandas and networkx on the files as they lie there; nothing of the package is imported. What it
reads of the package are two lists that are data: the catalogue of services and the plan files.

    python tests/golden/recompute_demo.py FOLDER        # FOLDER holds raw/ and results/
"""

# ruff: noqa: T201 - a script that prints what differs
from __future__ import annotations

import math
import sys
import tomllib
import unicodedata
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import rasterio
import shapely
from pyproj import Transformer

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))
from split_streets import City

PACKAGE = Path(__file__).parent.parent.parent / "coverage" / "lifecircle"
PLANS = ("hainan-2022", "wuhu-2021", "shijiazhuang-2016", "zhuhai-2021")
ON_THE_MAP = frozenset({"sports-ground"})
"""Services that the street extract lists as well, with gates of their own: another test recomputes those."""
BASIC = (
    ("convenience-store",), ("supermarket",), ("food-market", "fresh-food-shop"), ("breakfast-shop",),
    ("laundry",), ("hairdresser",), ("photo-print",), ("housekeeping",), ("repair",), ("pharmacy",),
    ("post-express",),
)  # fmt: skip
SPEED_KMH = {"walk_speed_kmh": 4.0, "elderly_speed_kmh": 3.0}
COVERED = 0.9
CLOSE = 1e-5
"""Figures are written with six decimals; lengths are millimetres on either side."""
DIGITS = {"community": 12, "village": 12, "township": 9, "street": 9, "county": 6}


def catalogue() -> dict[str, dict]:
    """The services: names and codes of map providers."""
    return tomllib.loads((PACKAGE / "services" / "catalogue.toml").read_text(encoding="utf-8"))


def rules() -> list[dict]:
    """The rules of the four plans that are judged."""
    files = [
        tomllib.loads((PACKAGE / "plans" / f"{name}.toml").read_text(encoding="utf-8")) for name in PLANS
    ]
    return [rule for file in files for rule in file["rule"] if rule["role"] != "baseline"]


def number(cell) -> float:
    """A figure as an office types it: full-width digits, commas, ten-thousands."""
    words = unicodedata.normalize("NFKC", str(cell or "")).replace(",", "").strip()
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


def facilities(raw: Path) -> pd.DataFrame:
    """Every facility of the three lists, with the community it lies in: one row per service it offers."""
    names = {entry["zh"]: key for key, entry in catalogue().items()}
    rows = list(openpyxl.load_workbook(raw / "facilities.xlsx")["设施台账"].iter_rows(values_only=True))
    heads = [lower or upper for upper, lower in zip(rows[1], rows[2], strict=True)]
    first = pd.DataFrame(rows[3:], columns=heads)
    second = pd.read_excel(raw / "ledgers.xlsx", sheet_name="设施", dtype=object)
    lists = []
    for source, table, beds in (("a", first, "床位（张）"), ("b", second, "床位、托位、座位（个）")):
        key = "序号" if source == "a" else "编号"
        lists.append(
            pd.DataFrame(
                {
                    "facility": [f"{source}{name}" for name in table[key]],
                    "service": [names.get(str(word), str(word)) for word in table["类别"]],
                    "lon": table["经度"].map(number),
                    "lat": table["纬度"].map(number),
                    "floor_m2": table["建筑面积（平方米）"].map(number),
                    "places": table[beds].map(number),
                }
            )
        )
    shops = pd.read_csv(raw / "pois_gcj02_gbk.csv", encoding="gbk", dtype={"typecode": str})
    lon, lat = to_wgs84(shops["lon"], shops["lat"])
    for service, entry in catalogue().items():
        if not (codes := entry.get("amap")):
            continue
        stems = tuple(code.removesuffix("00") for code in codes)
        stems = tuple(stem.removesuffix("00") for stem in stems)
        kept = shops["typecode"].str.startswith(stems) & ~shops["typecode"].isin(entry.get("amap_except", ()))
        own = pd.DataFrame({"facility": "c" + shops["id"], "service": service, "lon": lon, "lat": lat})[kept]
        lists.append(own.assign(floor_m2=math.nan, places=math.nan))
    table = pd.concat(lists, ignore_index=True).drop_duplicates(["facility", "service"])
    units = gpd.read_file(raw / "communities.gpkg")
    places = gpd.GeoSeries(gpd.points_from_xy(table["lon"], table["lat"]), crs=4326).to_crs(units.crs)
    place, unit = shapely.STRtree(units.geometry.to_numpy()).query(places.to_numpy(), predicate="within")
    table["code"] = ""
    table.loc[place, "code"] = units["代码"].astype(str).to_numpy()[unit]
    return table


def homes(raw: Path) -> pd.DataFrame:
    """Cells of the raster cut by the communities: residents, community, lon and lat of each piece."""
    with rasterio.open(raw / "population.tif") as file:
        people = file.read(1, masked=True).filled(0)
        row, column = np.nonzero(people)
        turn, crs = file.transform, file.crs
    west, north = turn.c + turn.a * column, turn.f + turn.e * row
    boxes = shapely.box(west, north + turn.e, west + turn.a, north)
    units = gpd.read_file(raw / "communities.gpkg").to_crs(crs)
    cell, unit = shapely.STRtree(units.geometry.to_numpy()).query(boxes, predicate="intersects")
    pieces = shapely.intersection(boxes[cell], units.geometry.to_numpy()[unit])
    share = shapely.area(pieces) / shapely.area(boxes[cell])
    middle = shapely.centroid(pieces)
    middle = np.where(shapely.intersects(pieces, middle), middle, shapely.point_on_surface(pieces))
    lon, lat = Transformer.from_crs(crs, 4326, always_xy=True).transform(
        shapely.get_x(middle), shapely.get_y(middle)
    )
    table = pd.DataFrame(
        {
            "code": units["代码"].astype(str).to_numpy()[unit],
            "residents": people[row, column][cell] * share,
            "lon": lon,
            "lat": lat,
        }
    )
    return table[table["residents"] > 0].reset_index(drop=True)


def presence(raw: Path) -> dict[tuple[str, str], float]:
    """Facilities in each unit of every plain presence rule over one service, by rule and code."""
    table = facilities(raw)
    units = gpd.read_file(raw / "communities.gpkg")
    kinds = dict(zip(units["代码"].astype(str), units["类型"], strict=True))
    streets = set(units.loc[units["乡镇街道"].str.endswith("街道"), "代码"].astype(str).str[:9])
    listed, counts = set(table["service"]), {}
    for rule in rules():
        if rule["kind"] not in {"at-least-n-per-area", "coverage-share-of-areas"}:
            continue
        if len(rule["services"]) > 1 or rule["services"][0] not in listed:
            continue
        if set(rule) & {"min_floor_area_m2", "meets_standard", "condition", "township_services"}:
            continue
        if set(rule["services"]) & ON_THE_MAP or not set(rule["units"]) <= set(DIGITS):
            continue
        own = table.loc[table["service"].isin(rule["services"]) & (table["code"] != "")]
        own = own.drop_duplicates("facility")
        for unit in rule["units"]:
            digits = DIGITS[unit]
            codes = {code[:digits] for code in kinds}
            if unit in {"community", "village"}:
                codes = {
                    code for code in codes if kinds[code] == {"community": "社区", "village": "村"}[unit]
                }
            if unit in {"township", "street"}:
                codes = {code for code in codes if (code in streets) == (unit == "street")}
            per = own["code"].str[:digits].value_counts()
            counts |= {(rule["id"], code): float(per.get(code, 0)) for code in codes}
    return counts


def ratios(raw: Path) -> dict[str, float]:
    """Floor area for every hundred households of all communities, by rule."""
    table, units = facilities(raw), gpd.read_file(raw / "communities.gpkg")
    households = units["户数"].map(number).sum()
    return {
        rule["id"]: 100 * _area(table, rule["services"]) / households
        for rule in rules()
        if rule["kind"] == "area-per-100-households"
        and rule["units"] == ["community", "village"]
        and rule["binding"] == "whole"
    }


def _area(table: pd.DataFrame, services: list[str]) -> float:
    """Floor area of the facilities of some services inside the city."""
    own = table[table["service"].isin(services) & (table["code"] != "")]
    return float(own.drop_duplicates("facility")["floor_m2"].sum())


def circles(raw: Path, *, every: int) -> dict[tuple[str, str], float]:
    """Percent covered under circles of one service and types there under circles of many, by rule and code.

    Only every so many-th urban community is computed: each walks as the others do.
    """
    city, table, people = City(raw / "streets.osm.pbf"), facilities(raw), homes(raw)
    units = gpd.read_file(raw / "communities.gpkg")
    towns = sorted(units.loc[units["类型"] == "社区", "代码"].astype(str))[::every]
    people = people[people["code"].isin(towns)].reset_index(drop=True)
    origins = city.join(people["lon"], people["lat"])
    metres: dict[str, np.ndarray] = {}

    def walk(services) -> np.ndarray:
        """Metres of every home to the nearest of some services."""
        for name in services:
            if name not in metres:
                own = table[table["service"] == name]
                metres[name] = np.asarray(city.metres_to_nearest(origins, city.join(own["lon"], own["lat"])))
        return np.min([metres[name] for name in services], axis=0)

    def covered(services, limit_m) -> pd.Series:
        """Share of each community's residents within a limit."""
        near = people["residents"].where(walk(services) <= limit_m + 1e-6, 0.0)
        return near.groupby(people["code"]).sum() / people.groupby("code")["residents"].sum()

    values = {}
    for rule in rules():
        if rule["kind"] in {"travel-time-circle", "travel-distance-circle"} and rule["scope"] == "urban":
            if set(rule["services"]) & ON_THE_MAP or isinstance(rule["target"], str):
                continue
            speed = SPEED_KMH[rule.get("speed", "walk_speed_kmh")]
            limit = rule["target"] * (speed * 1000 / 60 if rule["unit"] == "min" else 1.0)
            share = 100 * covered(rule["services"], limit)
        elif rule["kind"] == "type-circle" and rule["unit"] == "min" and rule["tier"] == "basic":
            groups = (*BASIC, *((name,) for name in rule.get("also", ())))
            shares = [
                covered(group, rule["target"] * SPEED_KMH["walk_speed_kmh"] * 1000 / 60) for group in groups
            ]
            share = sum((one >= COVERED - 1e-9).astype(float) for one in shares)
        else:
            continue
        values |= {(rule["id"], str(code)): float(value) for code, value in share.items()}
    return values


def differing(folder: Path, *, every: int = 12) -> tuple[list[str], int]:
    """What a run wrote otherwise than recomputed here, and how many figures were compared."""
    written = pd.read_csv(
        folder / "results" / "deficits.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig"
    )
    written = written[~written["service"].str.startswith("of-")]
    over_all = written.assign(blank=written["service"] == "").sort_values("blank", kind="stable")
    said = over_all.drop_duplicates(["rule", "level", "code"], keep="last").groupby(["rule", "code"])["value"]
    values = said.agg(list).to_dict()
    raw = folder / "raw"
    expected = {**presence(raw), **circles(raw, every=every)}
    wrong = [
        f"{rule} {code}: {value} is written {values.get((rule, code))}"
        for (rule, code), value in expected.items()
        if not any(one and abs(float(one) - value) < CLOSE for one in values.get((rule, code), ()))
    ]
    for rule, value in ratios(raw).items():
        whole = written.loc[(written["rule"] == rule) & (written["status"] != "context"), "value"].tolist()
        if not any(one and abs(float(one) - value) < CLOSE for one in whole):
            wrong.append(f"{rule}: {value} is written {whole}")
    return wrong, len(expected) + len(ratios(raw))


if __name__ == "__main__":
    off, compared = differing(Path(sys.argv[1]))
    print("\n".join(off))
    print(compared, "compared,", len(off), "differ")
