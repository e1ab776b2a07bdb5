"""Three health stations by hand: enough for the city in number, one of them short by both measures."""

import pandas as pd
from results_by_hand import results_by_hand, with_findings

RULE = "rule-2"


def with_stations(base=None):
    """Station A: 27,000 people, short by both measures; B: 25,000, short by people alone; C: met."""
    base = base or results_by_hand()
    one = base.findings.query("rule == 'rule-0' and level == 'community'").iloc[0].to_dict()
    one |= {"rule": RULE, "level": "catchment", "status": "met", "deficit": 0.0, "certainty": "firm"}
    one |= {"deficit_unit": "facilities", "unit": "persons", "comparator": "<=", "target": 20_000.0}
    ids = base.inputs.facilities.query("service == 'health-station'")["facility"].tolist()[:3]
    rows = []
    for code, name, load in zip(ids, "ABC", (27_000.0, 25_000.0, 12_000.0), strict=True):
        own = {**one, "code": code, "name": f"Station {name}", "value": load, "population": load}
        over = max(0.0, load - 20_000.0)
        by_people = {"status": "short" if over else "met", "deficit": 1.0 * (over > 0)}
        rows.append({**own, **by_people, "service": "by-people", "population_short": over})
        counted = {"value": 6.0 if name == "A" else 3.0, "unit": "communities", "target": 5.0}
        verdict = {"status": "short", "deficit": 1.0} if name == "A" else {}
        for service in ("by-committees", ""):
            # what is met by either measure leaves nobody above the limit
            counted_people = over if name == "A" else 0.0
            affected = {"population_short": counted_people if service == "" else float("nan")}
            rows.append({**own, **counted, **verdict, "service": service, **affected})
    city = {**one, "level": "city", "code": "study", "unit": "facilities", "comparator": ">=", "value": 3.0}
    for service, target in (("by-people", 4.0), ("by-committees", 3.0), ("", 3.0)):
        missing = target - 3.0
        own = {"target": target, "status": "short" if missing else "met", "deficit": missing}
        rows.append({**city, **own, "service": service, "population_short": 12_000.0 if missing else 0.0})
    others = base.findings[base.findings["rule"] != RULE]
    return with_findings(base, pd.concat([others, pd.DataFrame(rows)], ignore_index=True))
