"""Proposed sites with what they change: tables, and a sentence with its proof."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle import messages
from lifecircle.measures import at_most, covered_residents
from lifecircle.siting.location import Location, format_or_dash
from lifecircle.siting.next_sites import next_sites
from lifecircle.siting.request import SitingRequest
from lifecircle.siting.walk_pairs import walks_within
from lifecircle.tables import COVERAGE_CURVE

__all__ = ["Proposals", "gain_by_community", "rank_sites"]


@dataclass(frozen=True, eq=False)
class Proposals:
    """Proposed sites and what they change.

    Attributes
    ----------
    sites : proposal, service, rank, gain (people newly in reach, in the order of rank), geometry, gain_share
        (the same as a share of `people`, of the weights that stand in for them where they are unknown)
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
    people, covered : persons who count, and of them those in reach before any new site; NaN where unknown
    shares : of the people, or of the weights that stand in for them, in reach with the first 0, 1, … sites
    plan, rule : the circle rule asked for; blank without one
    candidates : places among which the sites were chosen
    limit_of : where no limit was asked for: the rule whose limit it is, or ``circle_minutes``; else blank
    basis : what shares are shares of: ``residents``, else `tables.weight_basis` of what stands in for them
    unlisted : whether no source lists any facility of the service, nor says that there is none: nobody then
        counts as in reach before the sites
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
    shares: tuple[float, ...] = ()
    plan: str = ""
    rule: str = ""
    candidates: int = 0
    limit_of: str = ""
    basis: str = "residents"
    unlisted: bool = False

    def __repr__(self) -> str:
        """One line: the service, the objective, its sites and what they bring."""
        gain = self.sites["gain"].sum()
        sites = f"sites={len(self.sites)} gain={gain:g}"
        return f"<{type(self).__name__} {self.service!r} objective={self.objective} {sites}>"

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
        # Where residents are unknown the bound is one of weights: only shares are told.
        if self.objective == "population" and np.isfinite(covered[-1]):
            bound[-1] = max(self.bound, covered[-1])
        curve = pd.DataFrame(
            {
                "plan": self.plan,
                "rule": self.rule,
                "service": self.service,
                "sites": np.arange(len(covered)),
                "covered": covered,
                "people": self.people,
                "share": np.array(self.shares)
                if self.shares
                else (covered / self.people if self.people > 0 else np.nan),
                "bound": bound,
                "candidates": float(self.candidates) if self.candidates else np.nan,
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
            sentence = messages.text("siting.closing", lang, **values)
            if len(self.beyond):
                missing = "people" if self.basis == "residents" else "unknown"
                sentence += messages.text(f"siting.closing-{missing}", lang, **values)
            return sentence + self._forced(lang) + self._stand_in(lang) + self._unlisted(lang)
        people = location.people if location.people > 0 else np.nan
        words = {
            "new": len(self.sites),
            "cutoff": f"{self.cutoff_min:g}",
            "farthest": f"{self.farthest_min:g}",
            "basis": self._basis(lang),
            "gain": f"{self.sites['gain'].sum():,.0f}",
            "before": format_or_dash(self.shares[0] if self.shares else np.nan, ".1%"),
            "total": f"{location.people:,.0f}",
            "served": f"{location.served:,.0f}",
            "share": format_or_dash(location.served / people, ".1%"),
            "bound": f"{location.bound:,.0f}",
            "bound_share": format_or_dash(location.bound / people, ".1%"),
            "mean": format_or_dash(location.objective / people, ",.1f"),
            "bound_mean": format_or_dash(location.bound / people, ",.1f"),
            "worst": f"{location.objective:,.1f}",
            "bound_worst": f"{location.bound:,.1f}",
            "unreached": f"{location.people - location.served:,.0f}",
            "unreached_share": format_or_dash(1.0 - location.served / people, ".1%"),
            "left_out": f"{self.left_out:,.0f}",
            "left_out_share": format_or_dash(self.left_out / (people + self.left_out), ".1%"),
        }
        # Where residents are unknown, what stands in for them was weighed: only its shares are told.
        of = "proposed" if self.basis == "residents" else "weighed"
        sentence = messages.text(f"siting.{of}.{self.objective}", lang, **words)
        if self.objective in {"distance", "worst"} and location.served < location.people:
            sentence += messages.text(f"siting.{of}.{self.objective}-unreached", lang, **words)
        if self.left_out > 0:
            sentence += messages.text(f"siting.{of}.left-out", lang, **words)
        sentence += self._forced(lang)
        proof = "proven" if location.proven else "open"
        sentence += messages.text(
            f"siting.{proof}", lang, gap=f"{location.gap:.2%}", candidates=f"{self.candidates:,}"
        )
        sentence += self._stand_in(lang) + self._unlisted(lang)
        if self.limit_of:
            why = "circle-minutes" if self.limit_of == "circle_minutes" else "of-rule"
            values = {"cutoff": f"{self.cutoff_min:g}", "rule": self.limit_of, "service": self.service}
            sentence += messages.text(f"siting.limit.{why}", lang, **values)
        return sentence

    def _basis(self, lang: str) -> str:
        """What shares are shares of, in words."""
        return messages.text(f"status.basis.{self.basis}", lang)

    def _stand_in(self, lang: str) -> str:
        """The remark that no residents were counted, and what was in their place; blank where they were."""
        if self.basis == "residents":
            return ""
        return messages.text("siting.weighed.stand-in", lang, basis=self._basis(lang))

    def _forced(self, lang: str) -> str:
        """The remark that only choices with the forced sites are compared; blank without any."""
        return messages.text("siting.proposed.given", lang, forced=self.forced) if self.forced else ""

    def _unlisted(self, lang: str) -> str:
        """The remark that none is known to be there now; blank where sources list any."""
        return messages.text("siting.unlisted", lang, service=self.service) if self.unlisted else ""


def rank_sites(
    request: SitingRequest, chosen: pd.Index
) -> tuple[gpd.GeoDataFrame, pd.Series, tuple[float, ...]]:
    """Sites in the order in which each brings most further people into reach, and the minutes then.

    Returns
    -------
    GeoDataFrame, Series, tuple of float
        ``proposal, service, rank, gain, geometry``, the gains adding up to everybody newly in reach (NaN
        where nobody knows how many people there are); minutes to the nearest of old and new within the
        limit, indexed like the demand; and the share of people, or of the weights that stand in for them,
        in reach with the first 0, 1, … sites open.
    """
    places = request.places[chosen]
    at = request.places.index.get_indexer(chosen)
    row, site, minutes = walks_within(request, request.targets.take(at), request.limit_min)
    near = at_most(minutes, request.limit_min)
    row, site, minutes = row[near], site[near], minutes[near]
    # Rank by people who are not in reach yet; sites that bring nobody come last, in their order.
    far = ~at_most(request.before, request.limit_min)
    people = np.where(far, request.people.to_numpy(dtype=np.float64), 0.0)
    ranked = next_sites(row, site, people, sites=len(places), most=len(places))
    order = np.concatenate([ranked.sites, np.setdiff1d(np.arange(len(places)), ranked.sites)])
    gains = np.zeros(len(places))
    gains[: len(ranked.gains)] = ranked.gains
    table = gpd.GeoDataFrame(
        {
            "proposal": [str(one) for one in places.index[order]],
            "service": np.full(len(places), request.service, dtype=object),
            "rank": np.arange(1, len(places) + 1, dtype=np.int64),
            "gain": gains if request.counts_people else np.nan,
        },
        geometry=places.to_numpy()[order],
        crs=places.crs,
    )
    after = request.before.to_numpy(dtype=np.float64, copy=True)
    np.minimum.at(after, row, minutes)
    total = float(request.people.sum())
    table["gain_share"] = gains / total if total > 0 else np.nan
    reached = request.covered + np.concatenate(([0.0], np.cumsum(gains)))
    shares = reached / total if total > 0 else np.full(len(reached), np.nan)
    return table, pd.Series(after, index=request.before.index), tuple(shares.tolist())


def gain_by_community(request: SitingRequest, after: pd.Series) -> pd.DataFrame:
    """People in reach before and after, per community, those that gain most first."""
    first, then = (
        covered_residents(request.demand, walk, cutoff=request.limit_min, weight=request.weight)
        for walk in (request.before, after)
    )
    table = pd.DataFrame(
        {
            "residents": first["residents"],
            "covered_before": first["covered"],
            "covered_after": then["covered"],
        }
    )
    table["gain"] = table["covered_after"] - table["covered_before"]
    table = table if request.counts_people else table * np.nan
    return table.sort_values("gain", ascending=False, kind="stable")
