"""Chosen sites, who goes to which, and the bound that tells how good the choice is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lifecircle import messages
from lifecircle.siting.problem import Flags, Floats, Ints
from lifecircle.siting.task import LocationTask

__all__ = ["Location", "format_or_dash", "location_of", "nearest_flows"]


@dataclass(frozen=True, eq=False)
class Location:
    """Chosen sites and whom they serve.

    Attributes
    ----------
    model : lscp | mclp | p-median | p-center
    sites : ids of all open sites, those fixed included, in the order of the costs
    new_sites : ids of those that were not fixed
    assignment : per demand point, the site that serves most of its people; None where none does
    flows : one row per demand point and site that serves people of it: demand, site, people, cost
    objective : sites (lscp), people covered (mclp), sum of people times cost and of the penalties
        (p-median), greatest cost of anybody (p-center)
    bound : no choice of as many sites has a better objective: fewer sites, more people, less cost
    people, served : people in all, and of them those a site serves
    candidates : sites that might have been opened
    """

    model: str
    sites: pd.Index
    new_sites: pd.Index
    assignment: pd.Series
    flows: pd.DataFrame
    objective: float
    bound: float
    people: float
    served: float
    candidates: int = 0

    def __repr__(self) -> str:
        """One line: the model, how many sites, and how far the answer is proven."""
        sites = f"sites={len(self.sites)} new={len(self.new_sites)}"
        return (
            f"<{type(self).__name__} {self.model} {sites} objective={self.objective:g} bound={self.bound:g}>"
        )

    @property
    def gap(self) -> float:
        """Relative gap between objective and bound, 0 to 1; 0 is proven best."""
        difference = abs(self.objective - self.bound)
        return difference / max(abs(self.objective), abs(self.bound)) if difference else 0.0

    @property
    def proven(self) -> bool:
        """Whether no choice of sites can be better."""
        return self.gap == 0.0

    @property
    def loads(self) -> pd.Series:
        """People served at each open site."""
        sums = self.flows.groupby("site", sort=False)["people"].sum()
        return sums.reindex(self.sites, fill_value=0.0).rename_axis("site")

    def render(self, lang: str = "en") -> str:
        """One sentence with what the sites achieve, and what no other choice can exceed."""
        people = self.people if self.people > 0 else np.nan
        values = {
            "sites": len(self.sites),
            "new": len(self.new_sites),
            "total": f"{self.people:,.0f}",
            "served": f"{self.served:,.0f}",
            "share": format_or_dash(self.served / people, ".1%"),
            "objective": f"{self.objective:,.0f}",
            "bound": f"{self.bound:,.0f}",
            "bound_share": format_or_dash(self.bound / people, ".1%"),
            "mean": format_or_dash(self.objective / people, ",.1f"),
            "bound_mean": format_or_dash(self.bound / people, ",.1f"),
            "worst": f"{self.objective:,.1f}",
            "bound_worst": f"{self.bound:,.1f}",
        }
        words = messages.text(f"siting.{self.model}", lang, **values)
        proof = "proven" if self.proven else "open"
        return words + messages.text(
            f"siting.{proof}", lang, gap=f"{self.gap:.2%}", candidates=f"{self.candidates:,}"
        )


def format_or_dash(figure: float, form: str) -> str:
    """A figure formatted; a dash where it is unknown, because nobody lives there."""
    return "–" if np.isnan(figure) else format(figure, form)


def nearest_flows(task: LocationTask, is_open: Flags, *, limit: float = np.inf) -> tuple[Ints, Floats]:
    """Pairs that send everybody to the cheapest open site within `limit`, and the people on them."""
    costs = task.costs
    usable = np.flatnonzero(is_open[costs.site] & (costs.cost <= limit))
    row = costs.row[usable]
    order = np.lexsort((costs.site[usable], costs.cost[usable], row))
    _, first = np.unique(row[order], return_index=True)
    pair = usable[order[first]]
    return pair, costs.people[costs.row[pair]]


def location_of(
    task: LocationTask, is_open: Flags, flows: tuple[Ints, Floats], *, objective: float, bound: float
) -> Location:
    """A solution in the caller's ids."""
    costs, (pair, people) = task.costs, flows
    row, site = costs.row[pair], costs.site[pair]
    # The site that serves most people of each demand point, ties to the smaller position.
    most = np.lexsort((site, -people, row))
    served_row, first = np.unique(row[most], return_index=True)
    largest = np.full(len(costs.demand), None, dtype=object)
    largest[served_row] = costs.sites.to_numpy(dtype=object)[site[most][first]]
    counted = people > 0
    table = pd.DataFrame(
        {
            "demand": costs.demand[row[counted]],
            "site": costs.sites[site[counted]],
            "people": people[counted],
            "cost": costs.cost[pair[counted]],
        }
    )
    return Location(
        model=task.model,
        sites=costs.sites[is_open],
        new_sites=costs.sites[is_open & ~task.fixed],
        assignment=pd.Series(largest, index=costs.demand, name="site", dtype=object),
        flows=table,
        objective=objective,
        bound=bound,
        people=task.total,
        served=float(people.sum()),
        candidates=int(task.free.sum()),
    )
