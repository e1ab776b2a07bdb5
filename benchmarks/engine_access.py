"""pysal/access: floating catchments from a table of costs; an oracle, and timed with its costs given."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import job
import networkx as nx
import numpy as np
import pandas as pd
from access.fca import two_stage_fca
from access.weights import step_fn
from engine_networkx import graph_of


def floating_catchments(city: SimpleNamespace) -> job.Outcome:
    """Beds per resident, costs found by networkx beforehand."""
    watch = job.Stopwatch()
    costs = watch("costs", lambda: cost_table(city))
    homes = pd.DataFrame({"residents": city.residents})
    clinics = pd.DataFrame({"beds": city.beds})
    ask = partial(
        two_stage_fca, homes, clinics, costs, max_cost=job.STEPS_M[-1],
        demand_index=True, demand_name="residents",
        supply_index=True, supply_name="beds", cost_origin="home", cost_dest="clinic", cost_name="metres",
        weight_fn=step_fn(dict(zip(job.STEPS_M, job.WEIGHTS, strict=True))),
    )  # fmt: skip
    seconds, access = job.timed(ask, 1)
    access = access.reindex(homes.index).fillna(0.0)
    return job.Outcome(seconds, {"access": access.to_numpy()}, watch.seconds)


def cost_table(city: SimpleNamespace) -> pd.DataFrame:
    """Home, clinic and metres of every pair within the last step."""
    graph, rows = graph_of(city), []
    for number, node in enumerate(city.clinic_node.tolist()):
        result = nx.single_source_dijkstra_path_length(graph, node, cutoff=job.STEPS_M[-1] + job.HALF_MM)
        rows.append(
            pd.DataFrame(
                {"home": list(result), "clinic": number, "metres": np.round(list(result.values()), 3)}
            )
        )
    return pd.concat(rows, ignore_index=True)


if __name__ == "__main__":
    job.main("access", {"e2sfca": floating_catchments})
