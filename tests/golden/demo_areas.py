"""Presence, tier and ratio rules of the demo city: facilities in areas, sums over sums."""

from __future__ import annotations

import pandas as pd
from demo_judge import WHOLE, Judge
from demo_raw import DIGITS

AREAS = {"new-residential": "新建住宅区", "old-residential": "已建住宅区"}
LEDGERS = {"community": "社区和行政村", "village": "社区和行政村", "county": "区县", **AREAS}


class Areas(Judge):
    """Rules about what lies in areas, and what their ledgers say."""

    def presence(self, rule):
        """Facilities in every unit; then the share of units that hold enough, layer by layer."""
        layers: dict[str, list[str]] = {}
        for unit in rule["units"]:
            layers.setdefault(_layer(unit), []).append(unit)
        verdicts = {}
        for layer, units in layers.items():
            services = rule["services"]
            if layer == "townships":
                services = rule.get("township_services", services)
            if not set(services) <= self.known or "region" in units:
                return
            single = len({*rule["services"], *rule.get("township_services", ())}) == 1
            codes = {code: unit for unit in units for code in self.codes(rule, unit)}
            least = int(rule["target"]) if rule["kind"] == "at-least-n-per-area" else 1
            own = {name: self._count(rule, [name], codes) for name in services}
            counts = own[services[0]] if single else self._count(rule, services, codes)
            each = rule.get("need") == "each"
            met = {}
            for code in codes:
                if each:
                    met[code] = all(own[name].get(code, 0) >= least for name in services)
                    value = sum(own[name].get(code, 0) for name in services)
                else:
                    value = counts.get(code, 0)
                    met[code] = value >= least
                status = self.status(rule, met=met[code])
                yield (code, services[0] if single else ""), (float(value), status)
            if len(services) > 1:
                yield from self._single(rule, own, codes, least=least, each=each)
            verdicts[layer] = 100 * sum(met.values()) / len(met)
        asked = rule["target"] if rule["kind"] == "coverage-share-of-areas" and "target" in rule else 100.0
        open_share = rule.get("share_comparator") == "none" or rule["comparator"] == "none"
        for layer, share in verdicts.items():
            status = self.whole(rule, share, asked, reported=open_share)
            if len(verdicts) > 1:
                yield (WHOLE, f"of-{layer}"), (share, status)
        share = min(verdicts.values())
        service = rule["services"][0] if single else ""
        yield (WHOLE, service), (share, self.whole(rule, share, asked, reported=open_share))

    def _single(self, rule, own, codes, *, least: int, each: bool):
        """Rows of each of several services: asked for where the clause wants each, else reported."""
        for name, counts in own.items():
            met = {code: counts.get(code, 0) >= least for code in codes}
            for code in codes:
                status = self.status(rule, met=met[code]) if each else "report-only"
                yield (code, name), (float(counts.get(code, 0)), status)
            share = 100 * sum(met.values()) / len(met)
            reported = not each or rule["comparator"] == "none"
            yield (WHOLE, name), (share, self.whole(rule, share, 100.0, reported=reported))

    def tiers(self, rule):
        """Facilities of each tier's units; then how many tiers are complete."""
        complete = 0
        for tier in rule["tiers"]:
            every = True
            for unit in tier["units"]:
                codes = dict.fromkeys(self.codes(rule, unit), unit)
                counts = self._count(rule, tier["services"], codes)
                for code in codes:
                    enough = counts.get(code, 0) >= 1
                    every &= enough
                    yield (
                        (code, "|".join(tier["services"])),
                        (float(counts.get(code, 0)), self.status(rule, met=enough)),
                    )
            complete += every
        status = "met" if complete == len(rule["tiers"]) else "short"
        yield (WHOLE, ""), (float(complete), status)

    def _count(self, rule, services, codes) -> dict[str, int]:
        """Facilities of some services that count, by unit."""
        table = self.raw.facilities[self.raw.facilities["service"].isin(services)]
        if (least := rule.get("min_floor_area_m2")) is not None:
            table = table[table["floor_area_m2"] >= least]
        if rule.get("meets_standard"):
            table = table[table["meets_standard"] == 1.0]
        return self._in_units(table, next(iter(codes.values())) if codes else "community").value_counts()

    def _in_units(self, table: pd.DataFrame, unit: str) -> pd.Series:
        """Code of the unit that each facility lies in, one row per facility."""
        table = table.drop_duplicates("facility")
        if unit in DIGITS:
            return table.loc[table["code"] != "", "code"].str[: DIGITS[unit]]
        inside = self.raw.within(table, self.raw.areas(unit))
        return inside[inside != ""]

    def ratio(self, rule):
        """A sum of facilities' or units' figures over another, unit by unit and all together."""
        by_unit, service = {}, rule["services"][0] if len(rule.get("services", ())) == 1 else ""
        wholes = []
        for unit in rule["units"]:
            codes = self.codes(rule, unit)
            has, base = self._has(rule, unit, codes), self._base(rule, unit, codes)
            by_unit |= {code: (has[code], base[code]) for code in codes}
            wholes.append((sum(has.values()), sum(base.values())))
        per = {"m2/100hh": 100, "%": 100, "places/1000": 1000, "persons/10k": 10_000}.get(rule["unit"], 1)
        strict = rule["comparator"] == ">"
        passed = []
        for code, (has, base) in by_unit.items():
            if base == 0 or (rule.get("only_where_present") and code not in self._there(rule)):
                continue
            needed = max(rule.get("least_area_m2", 0.0), rule["target"] * base / per)
            met = has > needed + 1e-9 if strict else has >= needed - 1e-9
            passed.append(met)
            status = self.status(rule, met=met)
            if len(code) == DIGITS["city"]:  # a unit of its own, and the whole
                status = self.whole(rule, per * has / base, rule["target"])
            yield (code, service), (per * has / base, status)
        if "city" in rule["units"]:
            return  # the city is a unit of its own: its row is the verdict
        if rule["binding"] == "unit":
            share = 100 * sum(passed) / len(passed)
            yield (WHOLE, service), (share, self.whole(rule, share, 100.0))
            return
        units = set(rule["units"])
        has = sum(own[0] for own in by_unit.values()) if units <= {"community", "village"} else wholes[0][0]
        base = sum(own[1] for own in by_unit.values()) if units <= {"community", "village"} else wholes[0][1]
        value = per * has / base
        yield (WHOLE, service), (value, self.whole(rule, value, rule["target"]))

    def _there(self, rule) -> set[str]:
        """Units with any of the rule's facilities."""
        return set(self._in_units(self._offering(rule), rule["units"][0]))

    def _offering(self, rule) -> pd.DataFrame:
        """Facilities of a rule's services, each once."""
        table = self.raw.facilities[self.raw.facilities["service"].isin(rule["services"])]
        return table.drop_duplicates("facility")

    def _has(self, rule, unit: str, codes) -> dict[str, float]:
        """What each unit has: a figure of its facilities, or of its own ledger."""
        if rule.get("of") == "areas":
            return self._ledger(unit, rule["part"], codes)
        if rule["kind"] == "staff-per-10000-population":
            return self._ledger(unit, rule["column"], codes)
        figure = rule.get("part") or {
            "area-per-100-households": "floor_area_m2",
            "capacity-per-1000-population": "capacity",
            "area-per-person": "sports_area_m2",
        }.get(rule["kind"])
        return self._sums(rule, figure, unit, codes)

    def _base(self, rule, unit: str, codes) -> dict[str, float]:
        """What each unit's figure is divided by."""
        if rule.get("of") == "areas":
            return self._ledger(unit, rule["whole"], codes)
        if rule.get("of") == "facilities":
            return self._sums(rule, rule["whole"], unit, codes)
        if rule["kind"] == "staff-per-10000-population":
            return self._ledger(unit, "population_urban", codes)
        if rule["kind"] == "area-per-100-households":
            if unit in AREAS:
                return self._ledger(unit, "households", codes)
            households = self.raw.units["户数"].astype(float)
            return {code: float(households[code]) for code in codes}
        people = self.raw.people
        return {code: float(people[people.index.str.startswith(code)].sum()) for code in codes}

    def _sums(self, rule, figure: str, unit: str, codes) -> dict[str, float]:
        """A figure of the rule's facilities, added up per unit."""
        table = self._offering(rule)
        where = self._in_units(table, unit)
        sums = table.loc[where.index, figure].groupby(where).sum()
        return {code: float(sums.get(code, 0.0)) for code in codes}

    def _ledger(self, unit: str, column: str, codes) -> dict[str, float]:
        """A column of the units' own ledger."""
        table = self.raw.ledgers[LEDGERS[unit]]
        return {code: float(table.loc[code, column]) for code in codes}


def _layer(unit: str) -> str:
    """Units of one layer share a denominator."""
    words = {"community": "communities", "village": "communities", "county": "counties", "city": "cities"}
    return words.get(unit) or ("townships" if unit in {"township", "street"} else unit)
