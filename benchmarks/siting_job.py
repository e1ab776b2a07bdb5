"""One location model on one instance by one engine, in a process of its own; runs in both environments.

python benchmarks/siting_job.py ENGINE MODEL INSTANCE.npz --seconds LIMIT
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import job
import numpy as np

MEMORY_LIMIT_GB = 8
CAPACITATED = "capacitated "
MODELS = ("lscp", "mclp", "p-median", "capacitated mclp", "capacitated p-median")
"""Spopt is asked for the first three."""
REPEATED_PAIRS = 300_000
"""Instances up to which a job is done three times, the first run not counted."""


def lifecircle_answer(model: str, asked: SimpleNamespace, seconds: float) -> dict[str, float]:
    """Sparse costs in, a location with its bound out."""
    import scipy.sparse  # noqa: PLC0415  not in this process for the peer

    from lifecircle.siting import locate  # noqa: PLC0415

    shape = (len(asked.people), int(asked.sites))
    costs = scipy.sparse.coo_array((asked.cost, (asked.row, asked.site)), shape=shape).tocsr()
    cutoff, limited = float(asked.cutoff), model.startswith(CAPACITATED)
    model = model.removeprefix(CAPACITATED)
    location = locate(
        costs,
        asked.people,
        model=model,
        new=int(asked.new),
        capacity=float(asked.capacity) if limited else None,
        cutoff=None if model == "p-median" else cutoff,
        unserved="error" if model != "p-median" or np.isinf(cutoff) else cutoff,
        time_limit_s=seconds,
    )
    return {
        "objective": location.objective,
        "bound": location.bound,
        "gap": location.gap,
        "sites": len(location.sites),
    }


def spopt_answer(model: str, asked: SimpleNamespace, seconds: float) -> dict[str, float]:
    """A dense matrix in, solved by HiGHS through pulp; what is out of reach costs the penalty."""
    import pulp  # noqa: PLC0415  there in the peers' environment only
    from spopt.locate import LSCP, MCLP, PMedian  # noqa: PLC0415

    cutoff, new = float(asked.cutoff), int(asked.new)
    beyond = 2.0 * cutoff if model != "p-median" else cutoff
    dense = np.full((len(asked.people), int(asked.sites)), beyond)
    dense[asked.row, asked.site] = np.minimum(asked.cost, beyond)
    if model == "p-median":
        made = PMedian.from_cost_matrix(dense, asked.people, p_facilities=new)
    elif model == "mclp":
        made = MCLP.from_cost_matrix(dense, asked.people, service_radius=cutoff, p_facilities=new)
    else:
        made = LSCP.from_cost_matrix(dense, service_radius=cutoff)
    # As exact as ours: HiGHS would stop at a gap of 1e-4 by default.
    solved = made.solve(pulp.HiGHS(msg=False, timeLimit=seconds, gapRel=0.0))
    if solved.problem.sol_status != pulp.LpSolutionOptimal:
        raise TimeoutError(f"no proven answer in {seconds:g} s")
    objective = float(pulp.value(solved.problem.objective))
    return {"objective": objective, "bound": objective, "gap": 0.0, "sites": float("nan")}


LIBRARIES = {"lifecircle": ("scipy.sparse", "lifecircle.siting"), "spopt": ("pulp", "spopt.locate")}
ENGINES: dict[str, Any] = {"lifecircle": lifecircle_answer, "spopt": spopt_answer}


def main() -> None:
    """Measure as the command line asks, and print what was found as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=sorted(ENGINES))
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("instance", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with np.load(options.instance) as arrays:
        asked = SimpleNamespace(**{name: arrays[name] for name in arrays.files})
    if options.engine == "spopt":
        most = MEMORY_LIMIT_GB * 2**30
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    # Libraries are loaded before the clock starts.
    for name in LIBRARIES[options.engine]:
        importlib.import_module(name)
    repeats = 3 if len(asked.cost) <= REPEATED_PAIRS and options.engine == "lifecircle" else 1
    seconds, result = job.timed(
        lambda: ENGINES[options.engine](options.model, asked, options.seconds), repeats
    )
    result["clock_s"], result["processor_s"] = min(seconds.clock), min(seconds.processor)
    print(json.dumps(result | {"peak_mb": job.peak_mb()}))


if __name__ == "__main__":
    main()
