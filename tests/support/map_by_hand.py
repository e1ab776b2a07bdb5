"""What the gap map shows beside findings of communities, added to the study made by hand."""

import dataclasses

import geopandas as gpd
import pandas as pd
import shapely
from results_by_hand import CRS, with_findings


def with_sites(results, name="Two new fitness sites"):
    """Two facilities added (one unnamed), one closed, and 300 m of street opened by a scenario."""
    centre = results.communities.representative_point()
    street = shapely.LineString([centre.iloc[5], centre.iloc[6]])
    rows = [
        (name, "added", "n1", "fitness-site; market", "New hall", centre.iloc[3]),
        (name, "added", "n2", "fitness-site", "", centre.iloc[12]),
        (name, "closed", "f2", "fitness-site", "Old hall", centre.iloc[22]),
        (name, "street-opened", "", "", "", street),
    ]
    columns = ["scenario", "change", "id", "service", "name", "geometry"]
    return dataclasses.replace(
        results, scenario_sites=gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=CRS)
    )


def with_judged_facilities(results):
    """Under ``rule-2`` every health station's catchment is judged: the first two serve 23,400 people."""
    stations = results.inputs.facilities.query("service == 'health-station'")
    county = results.findings.query("rule == 'rule-2'").iloc[0].to_dict()
    rows = [
        {
            **county,
            "level": "catchment",
            "service": "",
            "code": station,
            "name": name,
            "value": 23_400.0 if place < 2 else 9_000.0,
            "deficit": 1.0 if place < 2 else 0.0,
            "status": "short" if place < 2 else "met",
        }
        for place, (station, name) in enumerate(zip(stations["facility"], stations["name"], strict=True))
    ]
    grown = pd.concat([results.findings, pd.DataFrame(rows)], ignore_index=True)
    areas = results.isochrones.assign(
        reached_m=700.0 * results.isochrones["minutes"], unreached_m=100.0 * results.isochrones["minutes"]
    )
    return dataclasses.replace(with_findings(results, grown), isochrones=areas)


def with_nearest(results):
    """Everybody's nearest fitness site is the second one; nobody reaches a market."""
    own = results.inputs.facilities.query("service == 'fitness-site'")["facility"].iloc[1]
    demand = results.inputs.demand["demand"]
    facility = pd.DataFrame({"fitness-site": own, "market": ""}, index=demand)
    return dataclasses.replace(results, travel=dataclasses.replace(results.travel, facility=facility))


def with_routes(results):
    """From the 41st community a way of 1,500 m and 22.5 minutes leads to the second fitness site.

    Under another rule, which limits metres, a way of 1,400 m leads there.
    """
    own = results.inputs.facilities.query("service == 'fitness-site'").iloc[1]
    home = results.communities.representative_point().iloc[40]
    row = {"code": results.communities["code"].iloc[40], "service": "fitness-site"}
    row |= {"facility": own["facility"], "distance_m": 1500.0, "minutes": 22.5, "unit": "min"}
    row |= {"profile": "", "speed_kmh": 4.0, "rules": "hand-2025/rule-0"}
    way = shapely.LineString([home, own.geometry.centroid])
    shorter = row | {"distance_m": 1400.0, "minutes": 25.0, "unit": "m", "rules": "hand-2025/of-metres"}
    return dataclasses.replace(results, routes=gpd.GeoDataFrame([shorter, row], geometry=[way] * 2, crs=CRS))


def renamed(results, names):
    """Scenarios, their sites, proposals and the plan under the names given, one scenario each."""
    about, effects = results.scenarios.iloc[0], results.effects
    own = effects[effects["scenario"] == about["scenario"]]
    sites = with_sites(results).scenario_sites
    plan = dict(results.plans[0])
    plan["title"] = dict.fromkeys(("zh", "en"), names[0])
    grown = dataclasses.replace(
        results,
        scenarios=pd.DataFrame([{**about.to_dict(), "scenario": name} for name in names]),
        effects=pd.concat([own.assign(scenario=name) for name in names], ignore_index=True),
        scenario_sites=pd.concat(
            [sites.assign(scenario=name, name=name) for name in names], ignore_index=True
        ),
        proposals=results.proposals.assign(proposal=names[1], service=results.proposals["service"]),
        plans=(plan,),
    )
    return with_findings(grown, grown.findings)
