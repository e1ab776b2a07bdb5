"""Circle and station rules of the demo city, walked on a networkx graph of its streets."""

from __future__ import annotations

import math
from functools import cached_property

import pandas as pd
import shapely
from demo_judge import WHOLE, Judge
from demo_raw import Raw
from demo_walks import Walks

BASIC = (
    ("convenience-store",), ("supermarket",), ("food-market", "fresh-food-shop"), ("breakfast-shop",),
    ("laundry",), ("hairdresser",), ("photo-print",), ("housekeeping",), ("repair",), ("pharmacy",),
    ("post-express",),
)  # fmt: skip
QUALITY = (
    "specialty-restaurant", "fitness-club", "health-preservation", "reading-room", "education-training",
    "leisure-entertainment", "elderly-care", "childcare",
)  # fmt: skip
QUALITY_NEEDED = 4
SPEED_KMH = {"walk_speed_kmh": 4.0, "elderly_speed_kmh": 3.0}
MINUTES = {"accessible_minutes": 15.0}
COVERED = 0.9
CIRCLE_PEOPLE, CIRCLE_M = 20_000.0, 1000.0


class Circles(Judge):
    """Rules about walks.

    Parameters
    ----------
    raw
        The raw files.
    sampled
        Communities whose circles are computed.
    """

    def __init__(self, raw: Raw, sampled: set[str]):
        super().__init__(raw)
        self.sampled = sampled
        self._metres: dict[str, pd.Series] = {}

    @cached_property
    def on_foot(self) -> Walks:
        """The streets with homes, facilities and the ways into pitches joined to them."""
        raw = self.raw
        homes = raw.homes[["lon", "lat"]].rename(index=_home)
        points = raw.facilities[~raw.facilities["facility"].str.startswith("osm:")]
        points = points.set_index(points["facility"] + "|" + points["service"])[["lon", "lat"]]
        pitches = _pitch_entries(raw)
        middles = raw.middles.rename(index=_middle)
        return Walks(raw.folder / "streets.osm.pbf", pd.concat([homes, points, pitches, middles]))

    def doors(self, service: str) -> list[str]:
        """Names of the points by which the facilities of a service are entered."""
        return [name for name in self.on_foot.index if name.split("|")[1:2] == [service]]

    def metres(self, service: str) -> pd.Series:
        """Metres from every home of the sampled communities to the nearest facility of a service."""
        if service not in self._metres:
            homes = self.raw.homes[self.raw.homes["code"].isin(self.sampled)]
            away = self.on_foot.metres([_home(row) for row in homes.index], self.doors(service))
            self._metres[service] = pd.Series(away, index=homes.index)
        return self._metres[service]

    def covered(self, services, limit_m: float) -> pd.Series:
        """Residents within a limit of any of some services, by community."""
        metres = pd.concat([self.metres(name) for name in services], axis=1).min(axis=1)
        homes = self.raw.homes.loc[metres.index]
        return homes["residents"].where(metres <= limit_m + 1e-6, 0.0).groupby(homes["code"]).sum()

    def share(self, services, limit_m: float) -> pd.Series:
        """Percent of each community's residents within a limit."""
        covered = self.covered(services, limit_m)
        return 100 * covered / self.raw.people[covered.index]

    def circle(self, rule):
        """Percent covered of every community; the share of communities that are."""
        target = MINUTES.get(rule["target"], rule["target"])
        speed = SPEED_KMH[rule.get("speed", "walk_speed_kmh")]
        limit = target * (speed * 1000 / 60 if rule["unit"] == "min" else 1.0)
        services = list(dict.fromkeys(rule["services"]))
        yield from self._circle_rows(rule, services, limit, "" if len(services) > 1 else services[0])
        if len(services) > 1:
            for name in services:
                for key, (value, _) in self._circle_rows(rule, [name], limit, name):
                    yield key, (value, "report-only")

    def _circle_rows(self, rule, services, limit_m: float, name: str):
        """Rows of one group of services."""
        codes = self._communities(rule)
        share = self.share(services, limit_m)
        met = {code: share[code] >= 100 * COVERED - 1e-7 for code in codes}
        for code in codes:
            yield (code, name), (float(share[code]), self.status(rule, met=met[code]))
        if len(codes) == len(self._all_communities(rule)):
            whole = 100 * sum(met.values()) / len(met)
            reported = "share_target_pct" not in rule
            yield (
                (WHOLE, name),
                (whole, self.whole(rule, whole, rule.get("share_target_pct", 0.0), reported=reported)),
            )

    def _all_communities(self, rule) -> list[str]:
        """Communities and villages that a circle's rule judges."""
        return [code for unit in rule["units"] for code in self.codes(rule, unit)]

    def _communities(self, rule) -> list[str]:
        """The same, those sampled."""
        return [code for code in self._all_communities(rule) if code in self.sampled]

    def types(self, rule):
        """Groups of types that cover each community, each a circle of its own."""
        limit = rule.get("circle_minutes", rule["target"]) * SPEED_KMH["walk_speed_kmh"] * 1000 / 60
        groups = [*BASIC, *((name,) for name in rule.get("also", ()))]
        if rule["unit"] == "circles":
            yield from self.premium(rule, groups, limit)
            return
        codes = self._communities(rule)
        met = dict.fromkeys(codes, 0)
        for group in groups:
            rows = dict(self._circle_rows(rule, list(group), limit, "|".join(group)))
            yield from rows.items()
            for code in codes:
                met[code] += rows[code, "|".join(group)][0] >= 100 * COVERED - 1e-7
        for code in codes:
            yield (code, ""), (float(met[code]), self.status(rule, met=met[code] == len(groups)))
        if len(codes) == len(self._all_communities(rule)):
            share = 100 * sum(count == len(groups) for count in met.values()) / len(met)
            asked = rule.get("share_target_pct", 0.0)
            reported = "share_target_pct" not in rule
            yield (WHOLE, ""), (share, self.whole(rule, share, asked, reported=reported))

    def premium(self, rule, groups, limit_m: float):
        """Types that cover each life circle, and how many circles have them all; only of the whole city."""
        if len(self.sampled) < len(self.raw.people):
            return
        people = self.raw.people
        circles = self.circles()
        owner = {code: middle for middle, members in circles.items() for code in members}
        total = pd.Series({code: people[code] for code in owner}).groupby(owner).sum()

        def had(group) -> pd.Series:
            """Whether a group covers each circle."""
            covered = self.covered(list(group), limit_m)
            inside = covered[list(owner)].groupby(owner).sum()
            return inside / total >= COVERED - 1e-9

        basic = pd.concat([had(group) for group in groups], axis=1)
        known = [(name,) for name in QUALITY if name in self.known]
        better = pd.concat([had(group) for group in known], axis=1).sum(axis=1)
        asked = len(groups) + QUALITY_NEEDED
        full = 0
        for middle in circles:
            count = basic.loc[middle].sum() + min(QUALITY_NEEDED, better[middle])
            full += count == asked
            yield (f"circle-{middle}", ""), (float(count), "")
        yield (WHOLE, ""), (float(full), "short" if full < rule["target"] else "met")

    def circles(self) -> dict[str, list[str]]:
        """Life circles of about 20 thousand people out of adjacent communities within 15 minutes."""
        raw = self.raw
        codes = raw.codes_of("community")
        shapes = raw.units.loc[codes].geometry
        one, other = shapely.STRtree(shapes.to_numpy()).query(shapes.to_numpy(), "dwithin", distance=1.0)
        touch: dict[str, set[str]] = {code: set() for code in codes}
        for a, b in zip(one, other, strict=True):
            if a != b:
                touch[codes[a]].add(codes[b])
        near = self._near_middles(codes)
        people, free, circles = raw.people, set(codes), {}
        while free:
            middle = min(free, key=lambda code: (len(touch[code] & free), code))
            circle, total = {middle}, people[middle]
            free.discard(middle)
            while True:
                beside = {code for member in circle for code in touch[member]} & free
                within = [(near[middle, code], code) for code in beside if (middle, code) in near]
                if not within:
                    break
                chosen = min(within)[1]
                if abs(total + people[chosen] - CIRCLE_PEOPLE) >= abs(total - CIRCLE_PEOPLE):
                    break
                circle.add(chosen)
                free.discard(chosen)
                total += people[chosen]
            circles[middle] = circle
        size = {middle: people[sorted(circle)].sum() for middle, circle in circles.items()}
        for middle in sorted(circles, key=lambda code: (size[code], code)):
            if size[middle] >= CIRCLE_PEOPLE / 2:
                continue
            beside = {code for member in circles[middle] for code in touch[member]}
            hosts = [
                host
                for host, circle in circles.items()
                if host != middle and circle & beside and all((host, one) in near for one in circles[middle])
            ]
            if hosts:
                host = min(hosts, key=lambda code: (size[code], code))
                circles[host] |= circles.pop(middle)
                size[host] += size.pop(middle)
        return {middle: sorted(circles[middle]) for middle in sorted(circles)}

    def _near_middles(self, codes) -> dict[tuple[str, str], float]:
        """Metres between the homes in the middle of communities, for those within 15 minutes."""
        near = {}
        for code in codes:
            away = self.on_foot.metres([*map(_middle, codes)], [_middle(code)], limit_m=2 * CIRCLE_M)
            near |= {
                (code, other): metres
                for other, metres in zip(codes, away, strict=True)
                if metres <= CIRCLE_M + 1e-6
            }
        return near

    def reported(self, rule):
        """Residents within a limit, by community and in all."""
        codes = self._communities(rule)
        covered = self.covered(rule["services"], rule["target"])
        service = rule["services"][0] if len(rule["services"]) == 1 else ""
        for code in codes:
            yield (code, service), (float(covered[code]), "report-only")
        if len(codes) == len(self._all_communities(rule)):
            yield (WHOLE, service), (float(covered[codes].sum()), "report-only")

    def stations(self, rule):
        """People and committees by their nearest station, against the most that one may serve."""
        table = self.raw.facilities[self.raw.facilities["service"] == "health-station"]
        urban = self.raw.homes[self.raw.homes["code"].isin(self.raw.codes_of("community"))]
        names = self.on_foot.nearest([_home(row) for row in urban.index], self.doors("health-station"))
        served = pd.Series(names, index=urban.index, name="station").str.split("|").str[0]
        loads = urban["residents"].groupby(served).sum()
        by_people = urban["residents"].groupby([urban["code"], served]).sum()
        most = by_people.groupby(level=0).idxmax().map(lambda pair: pair[1])
        committees = most.value_counts()
        for name in table["facility"]:
            load, count = float(loads.get(name, 0.0)), int(committees.get(name, 0))
            people = "met" if load <= rule["target_max"] else "short"
            several = "met" if count <= rule["committees_max"] else "short"
            yield (name, "by-people"), (load, people)
            yield (name, "by-committees"), (float(count), several)
            either = "met" if "met" in {people, several} else "short"
            yield (name, ""), (math.nan, either)
        number = len(table)
        needed = math.ceil(urban["residents"].sum() / rule["target_max"])
        wanted = math.ceil(urban["code"].nunique() / rule["committees_max"])
        people, several = ("met" if number >= asked else "short" for asked in (needed, wanted))
        yield (WHOLE, "by-people"), (float(number), people)
        yield (WHOLE, "by-committees"), (float(number), several)
        yield (WHOLE, ""), (float(number), "met" if "met" in {people, several} else "short")


def _home(row: int) -> str:
    """The name of a home among the points of the walks."""
    return f"home {row}"


def _middle(code: str) -> str:
    """The name of a community's middle among the points of the walks."""
    return f"middle {code}"


def _pitch_entries(raw: Raw) -> pd.DataFrame:
    """Where a street crosses a pitch's outline, else the place on the outline nearest to a street."""
    city = Walks(raw.folder / "streets.osm.pbf", pd.DataFrame({"lon": [], "lat": []})).city
    streets, rows = shapely.STRtree(city.lines), {}
    for name, ring in raw.pitch_rings:
        outline = shapely.LinearRing([city.project(*place) for place in ring])
        crossing = [outline.intersection(city.lines[k]) for k in streets.query(outline, "intersects")]
        near = city.lines[streets.nearest(outline)]
        places = crossing or [shapely.shortest_line(outline, near).boundary.geoms[0]]
        for at, place in enumerate(places):
            lon, lat = city.unproject(*shapely.get_coordinates(place)[0])
            rows[f"osm:w{name}|sports-ground|{at}"] = {"lon": lon, "lat": lat}
    return pd.DataFrame.from_dict(rows, orient="index")
