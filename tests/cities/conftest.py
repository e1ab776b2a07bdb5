"""Studies of real cities, read from ../shared/data; skipped with the reason where that folder is absent."""

import json
import textwrap
from pathlib import Path

import geopandas as gpd
import h3
import pandas as pd
import pytest
import shapely

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(scope="session")
def golden():
    """Figures that tests/golden/build_golden.py made by other means."""
    return lambda name: json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def circle_plan():
    """An own plan with one rule: a 15-minute circle of a service."""

    def written(service):
        head, rule, *_ = OWN_PLAN.split("[[rule]]")
        return f"{head}[[rule]]{rule}".replace("school", service)

    return written


@pytest.fixture(scope="session")
def porto_alegre_study(shared, tmp_path_factory):
    """A study file for Porto Alegre: H3 resolution-7 communities, hexes as people, schools and clinics."""
    folder = tmp_path_factory.mktemp("porto_alegre")
    hexes = pd.read_csv(shared / "porto_alegre" / "poa_hexgrid.csv").fillna(0)
    hexes["code"] = [
        h3.latlng_to_cell(lat, lon, 7) for lat, lon in zip(hexes["lat"], hexes["lon"], strict=True)
    ]
    cells = sorted(set(hexes["code"]))
    outlines = [shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]) for cell in cells]
    communities = gpd.GeoDataFrame(
        {"code": cells, "name": cells, "scope": "urban"}, geometry=outlines, crs=4326
    )
    communities.to_file(folder / "communities.gpkg")
    hexes[["id", "lon", "lat", "population"]].to_csv(folder / "people.csv", index=False)
    for service, column in (("school", "schools"), ("health-station", "healthcare")):
        hexes.loc[hexes[column] > 0, ["id", "lon", "lat"]].to_csv(folder / f"{service}.csv", index=False)
    (folder / "own-plan.toml").write_text(OWN_PLAN, encoding="utf-8")
    study = f"""
        [study]
        name = "Porto Alegre"
        plans = ["own-plan.toml"]
        language = "en"
        [area]
        communities = "communities.gpkg"
        [streets]
        source = "{(shared / "porto_alegre" / "poa.osm.pbf").as_posix()}"
        [population]
        points = "people.csv"
        column = "population"
        [[facilities]]
        source = "school.csv"
        service = "school"
        complete_for = ["school"]
        [[facilities]]
        source = "health-station.csv"
        service = "health-station"
        complete_for = ["health-station"]
    """
    path = folder / "study.toml"
    path.write_text(textwrap.dedent(study), encoding="utf-8")
    return path


OWN_PLAN = """
[plan]
id = "poa-own"
title.zh = "阿雷格里港自拟规划"
title.en = "Porto Alegre: an own plan"
issued = 2025-01-01
period = [2025, 2030]
level = "city"
jurisdiction.code = ""
jurisdiction.name.zh = "阿雷格里港"
jurisdiction.name.en = "Porto Alegre"
source = "written for the tests"

[[rule]]
id = "poa-school-circle"
kind = "travel-time-circle"
clause = "1"
role = "target"
title.zh = "15分钟学校圈"
title.en = "15-minute school circle"
quote = "a school within 15 minutes"
units = ["community"]
scope = "urban"
services = ["school"]
comparator = "<="
target = 15
unit = "min"
target_year = 2030
share_comparator = "="
share_target_pct = 100

[[rule]]
id = "poa-clinic-circle"
kind = "travel-time-circle"
clause = "2"
role = "target"
title.zh = "15分钟诊所圈"
title.en = "15-minute clinic circle"
quote = "a clinic within 15 minutes"
units = ["community"]
scope = "urban"
services = ["health-station"]
comparator = "<="
target = 15
unit = "min"
target_year = 2030
share_comparator = "="
share_target_pct = 100

[[rule]]
id = "poa-clinic-per-20k"
kind = "population-per-facility"
clause = "3"
role = "standing"
title.zh = "每1-2万人一处诊所"
title.en = "One clinic per 10-20 thousand people"
quote = "one clinic per 10-20 thousand people"
units = ["catchment"]
scope = "urban"
services = ["health-station"]
comparator = "range"
target = 10000
target_max = 20000
unit = "persons/facility"
"""
