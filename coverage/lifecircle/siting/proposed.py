"""Proposed sites: what they change, in tables and in a sentence with its proof."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle import messages
from lifecircle.siting.location import Location, written

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
    objective : what was asked for; ``rule`` where deficits were to be closed
    farthest_min : minutes beyond which walking farther was not told apart
    left_out : people whom no site can reach at all, and who were not counted for that reason
    forced : how many of the sites were to open in any case
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

    @property
    def name(self) -> str:
        """What the proposals are called as a scenario."""
        return f"{self.service} +{len(self.sites)}"

    def render(self, lang: str = "en") -> str:
        """What the proposals achieve, and what proves that it is the most."""
        found = self.location
        if found is None:
            values = {
                "sites": len(self.sites),
                "bound": f"{self.bound:.0f}",
                "beyond": len(self.beyond),
                "missing": f"{self.beyond.sum():,.0f}",
            }
            return messages.text("siting.closing", lang, **values) + self._given(lang)
        people = found.people if found.people > 0 else np.nan
        words = {
            "new": len(self.sites),
            "cutoff": f"{self.cutoff_min:g}",
            "farthest": f"{self.farthest_min:g}",
            "gain": f"{self.sites['gain'].sum():,.0f}",
            "total": f"{found.people:,.0f}",
            "served": f"{found.served:,.0f}",
            "share": written(found.served / people, ".1%"),
            "bound": f"{found.bound:,.0f}",
            "bound_share": written(found.bound / people, ".1%"),
            "mean": written(found.objective / people, ",.1f"),
            "bound_mean": written(found.bound / people, ",.1f"),
            "worst": f"{found.objective:,.1f}",
            "bound_worst": f"{found.bound:,.1f}",
            "unreached": f"{found.people - found.served:,.0f}",
            "left_out": f"{self.left_out:,.0f}",
        }
        said = messages.text(f"siting.proposed.{self.objective}", lang, **words)
        if self.objective in {"distance", "worst"} and found.served < found.people:
            said += messages.text(f"siting.proposed.{self.objective}-unreached", lang, **words)
        if self.left_out > 0:
            said += messages.text("siting.proposed.left-out", lang, **words)
        said += self._given(lang)
        proof = "proven" if found.proven else "open"
        return said + messages.text(f"siting.{proof}", lang, gap=f"{found.gap:.2%}")

    def _given(self, lang: str) -> str:
        """That only choices with the sites that were to open anyhow are compared, where there are any."""
        return messages.text("siting.proposed.given", lang, forced=self.forced) if self.forced else ""
