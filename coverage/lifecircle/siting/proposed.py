"""Proposed sites with what they change: tables, and a sentence with its proof."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle import messages
from lifecircle.siting.location import Location, format_or_dash
from lifecircle.tables import COVERAGE_CURVE

__all__ = ["Proposals"]


@dataclass(frozen=True, eq=False)
class Proposals:
    """Proposed sites and what they change.

    Attributes
    ----------
    sites : proposal, service, rank, gain (people newly in reach, in the order of rank), geometry
    communities : per community, before and after: residents, covered_before, covered_after, gain; those
        that gain most first
    location : the answer of the model; None where deficits were to be closed
    bound : no fewer sites close the deficits; otherwise `Location.bound`
    beyond : communities whose deficit no site can close, with the people missing
    cutoff_min : the walking time that counts as in reach, at the speed of the run
    service : what is to be sited
    objective : population | distance | worst | capacity; ``rule`` where deficits were to be closed
    farthest_min : minutes beyond which walking farther was not told apart
    left_out : people whom no site can reach at all, and who were not counted for that reason
    forced : how many of the sites were to open in any case
    people, covered : people who count, and of them those in reach before any new site
    plan, rule : the circle rule asked for; blank without one
    """

    sites: gpd.GeoDataFrame
    communities: pd.DataFrame
    location: Location | None
    bound: float
    beyond: pd.Series
    cutoff_min: float
    service: str
    objective: str
    farthest_min: float
    left_out: float = 0.0
    forced: int = 0
    people: float = np.nan
    covered: float = np.nan
    plan: str = ""
    rule: str = ""

    @property
    def name(self) -> str:
        """Name of the proposals as a scenario."""
        return f"{self.service} +{len(self.sites)}"

    @property
    def curve(self) -> pd.DataFrame:
        """`tables.COVERAGE_CURVE` of the sites in their order; the bound only where it is one of people."""
        gains = self.sites.sort_values("rank")["gain"].to_numpy(dtype=np.float64)
        covered = self.covered + np.concatenate(([0.0], np.cumsum(gains)))
        bound = np.full(len(covered), np.nan)
        if self.objective == "population":
            bound[-1] = max(self.bound, covered[-1])
        curve = pd.DataFrame(
            {
                "plan": self.plan,
                "rule": self.rule,
                "service": self.service,
                "sites": np.arange(len(covered)),
                "covered": covered,
                "people": self.people,
                "share": covered / self.people if self.people > 0 else np.nan,
                "bound": bound,
            }
        )
        return COVERAGE_CURVE.check(curve)

    def render(self, lang: str = "en") -> str:
        """One sentence with what the proposals achieve, and what no other choice can exceed."""
        location = self.location
        if location is None:
            values = {
                "sites": len(self.sites),
                "bound": f"{self.bound:.0f}",
                "beyond": len(self.beyond),
                "missing": f"{self.beyond.sum():,.0f}",
            }
            return messages.text("siting.closing", lang, **values) + self._forced(lang)
        people = location.people if location.people > 0 else np.nan
        # Where residents are unknown the weights that stand in for them were placed: only shares are told.
        one = 1.0 if self.sites["gain"].notna().all() else np.nan
        words = {
            "new": len(self.sites),
            "cutoff": f"{self.cutoff_min:g}",
            "farthest": f"{self.farthest_min:g}",
            "gain": format_or_dash(one * self.sites["gain"].sum(), ",.0f"),
            "total": format_or_dash(one * location.people, ",.0f"),
            "served": format_or_dash(one * location.served, ",.0f"),
            "share": format_or_dash(location.served / people, ".1%"),
            "bound": format_or_dash(one * location.bound, ",.0f"),
            "bound_share": format_or_dash(location.bound / people, ".1%"),
            "mean": format_or_dash(location.objective / people, ",.1f"),
            "bound_mean": format_or_dash(location.bound / people, ",.1f"),
            "worst": f"{location.objective:,.1f}",
            "bound_worst": f"{location.bound:,.1f}",
            "unreached": format_or_dash(one * (location.people - location.served), ",.0f"),
            "left_out": format_or_dash(one * self.left_out, ",.0f"),
        }
        sentence = messages.text(f"siting.proposed.{self.objective}", lang, **words)
        if self.objective in {"distance", "worst"} and location.served < location.people:
            sentence += messages.text(f"siting.proposed.{self.objective}-unreached", lang, **words)
        if self.left_out > 0:
            sentence += messages.text("siting.proposed.left-out", lang, **words)
        sentence += self._forced(lang)
        proof = "proven" if location.proven else "open"
        return sentence + messages.text(f"siting.{proof}", lang, gap=f"{location.gap:.2%}")

    def _forced(self, lang: str) -> str:
        """The remark that only choices with the forced sites are compared; blank without any."""
        return messages.text("siting.proposed.given", lang, forced=self.forced) if self.forced else ""
