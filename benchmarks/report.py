"""What the measurements say: do results agree, how do engines compare, and which goals are met."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from shapes import unpacked

RATIO_GOALS = (
    ("nearest", "scipy", 10.0),
    ("nearest", "networkx", 100.0),
    ("nearest", "pandana", 100.0),
    ("nearest", "pandarm", None),
    ("nearest-raw", "scipy", 3.0),
    ("pairs", "pandana", 30.0),
    ("pairs", "pandarm", None),
    ("counts", "pandana", 80.0),
    ("counts", "pandarm", None),
    ("e2sfca", "networkx", 50.0),
    ("e2sfca", "access", None),
    ("isochrones", "osmnx", 70.0),
    ("isochrones", "buffer-union", 20.0),
    ("isochrones", "valhalla", 1.0),
    ("build", "osmnx", 5.0),
    ("build", "pyrosm", 2.5),
    ("build", "valhalla", None),
)
"""Job, peer, and how many times faster ours is to be."""

MEMORY_GOALS_MB = {"build": 700.0, "buffer-union": None}
MEMORY_GOAL_MB = 500.0
RELOAD_GOAL_S = 0.3

MILLIMETRE = 0.001
ROUNDING_MIN = 1e-6

WHAT = {
    "nearest": "minutes to the nearest of {services} services from {origins:,} snapped points, wide array",
    "nearest-raw": "the same from points in degrees (scipy: behind shapely's STRtree)",
    "nearest-long": "the same as a long table of facilities, metres and minutes",
    "pairs": "every node within 1000 m of 2,000 nodes",
    "counts": "facilities of {services} services within 1000 m of every node",
    "e2sfca": "enhanced two-step floating catchment of 200 clinics, every node",
    "isochrones": "15-minute polygons of {isochrones} points, 10 m grid (per polygon)",
    "build": "from the PBF to a network ready to route on",
    "reload": "a network kept on disk, opened again",
}


def agreement(folder: Path, rows: list[dict]) -> dict[str, str]:
    """How the engines' results compare, in words with figures; only of jobs that were done."""
    done = {(row["job"], row["engine"]) for row in rows if "error" not in row}
    checks: dict[tuple[str, str], Callable[[dict, dict], str]] = {
        ("nearest", "scipy"): _same_minutes,
        ("nearest", "networkx"): _same_minutes,
        ("nearest-raw", "scipy"): _same_minutes_joined_anew,
        ("nearest", "pandana"): _node_minutes,
        ("nearest", "pandarm"): _node_minutes,
        ("pairs", "pandana"): _same_pairs,
        ("pairs", "pandarm"): _same_pairs,
        ("counts", "pandana"): _same_counts,
        ("counts", "pandarm"): _same_counts,
        ("e2sfca", "networkx"): _same_access,
        ("e2sfca", "access"): _same_access,
        ("walking-distances", "valhalla"): _same_walks,
    }
    figures = {}
    for (job, engine), check in checks.items():
        if {(job, "lifecircle"), (job, engine)} <= done:
            ours, theirs = (_arrays(folder, job, who) for who in ("lifecircle", engine))
            figures[f"{job}, {engine}"] = check(ours, theirs)
    if ("buffer-union", "lifecircle") in done:
        exact = unpacked(_arrays(folder, "buffer-union", "lifecircle"))
        for engine in ("lifecircle", "osmnx", "valhalla"):
            if ("isochrones", engine) in done:
                figures[f"isochrones, {engine}"] = _overlap(folder, engine, exact)
    return figures


def _arrays(folder: Path, job: str, engine: str) -> dict:
    """What a job wrote."""
    with np.load(folder / f"{job}-{engine}.npz", allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _same_minutes(ours: dict, theirs: dict) -> str:
    """Edge-exact both. Where places are nearer to each other than to their streets ours may walk straight."""
    a, b, beside = ours["minutes"], theirs["minutes"], ours["side_by_side"]
    both = np.isfinite(a) & np.isfinite(b) & ~beside
    metres = np.abs(a[both] - b[both]).max() * (4000 / 60)
    alone = ((np.isfinite(a) ^ np.isfinite(b)) & ~beside).sum()
    longer = (a[beside] > b[beside] + ROUNDING_MIN).sum()
    return (
        f"{both.sum():,} times differ by at most {metres:.3f} m; {alone:,} only in one. "
        f"{beside.sum():,} others are of places nearer to each other than to their streets, "
        f"where ours may walk straight: {longer:,} of them longer with ours"
    )


def _same_minutes_joined_anew(ours: dict, theirs: dict) -> str:
    """Theirs joins the nearest street, be it in a tunnel or behind a wall."""
    a, b = ours["minutes"], theirs["minutes"]
    both = np.isfinite(a) & np.isfinite(b)
    metres = np.abs(a[both] - b[both]) * (4000 / 60)
    share = 100 * (metres <= MILLIMETRE).mean()
    return (
        f"{share:.2f} % of {both.sum():,} times equal to the millimetre; the others join another street, "
        f"for theirs knows nothing of tunnels, bridges, walls and water"
    )


def _node_minutes(ours: dict, theirs: dict) -> str:
    """Theirs from node to node."""
    a, b = ours["minutes"], theirs["minutes"]
    both = np.isfinite(a) & np.isfinite(b)
    metres = np.abs(a[both] - b[both]) * (4000 / 60)
    share = 100 * (np.isfinite(a) ^ np.isfinite(b)).mean()
    return (
        f"nodes only: off by {np.median(metres):.1f} m (median), {np.quantile(metres, 0.99):.0f} m (99 %); "
        f"{share:.2f} % on the other side of the limit"
    )


def _same_pairs(ours: dict, theirs: dict) -> str:
    """As sets, and their distances."""
    nodes = int(max(theirs["node"].max(), ours["node"].max())) + 1
    mine, other = (table["source"] * nodes + table["node"] for table in (ours, theirs))
    common, here, there = np.intersect1d(mine, other, return_indices=True)
    off = np.abs(ours["metres"][here] - theirs["metres"][there]).max()
    return (
        f"{len(mine):,} pairs of ours, {len(np.unique(other)):,} of theirs, {len(common):,} in both, "
        f"which differ by at most {off:.3f} m"
    )


def _same_counts(ours: dict, theirs: dict) -> str:
    """Cell by cell."""
    equal = 100 * (ours["count"] == np.rint(theirs["count"])).mean()
    return f"{equal:.3f} % of {ours['count'].size:,} counts equal"


def _same_access(ours: dict, theirs: dict) -> str:
    """Relative to the larger."""
    a, b = ours["access"], theirs["access"]
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-300)
    off = np.abs(a - b) / scale
    equal = (off < 1e-9).mean() * 100
    return f"{equal:.4f} % of {len(a):,} equal to 1e-9, largest relative difference {off.max():.2g}"


def _same_walks(ours: dict, theirs: dict) -> str:
    """Where both found a way."""
    a, b = ours["metres"], theirs["metres"]
    both = np.isfinite(a) & np.isfinite(b) & (a > 200)
    off = 100 * np.abs(a[both] - b[both]) / a[both]
    return (
        f"{both.sum()} walks of {np.median(a[both]):.0f} m (median) differ by {np.median(off):.2f} % "
        f"(median), {np.quantile(off, 0.9):.1f} % (90 %)"
    )


def _overlap(folder: Path, engine: str, exact: np.ndarray) -> str:
    """Intersection over union with the exact areas of the same points."""
    shapes = unpacked(_arrays(folder, "isochrones", engine))
    if engine == "valhalla":
        crs = json.loads((folder / "city.json").read_text(encoding="utf-8"))["crs"]
        shapes = gpd.GeoSeries(shapes, crs=4326).to_crs(crs).to_numpy()
    count = min(len(shapes), len(exact))
    there = ~shapely.is_empty(exact[:count])
    a, b = shapely.make_valid(shapes[:count][there]), exact[:count][there]
    share = shapely.area(shapely.intersection(a, b)) / shapely.area(shapely.union(a, b))
    return (
        "IoU with the union of 30 m buffers of the reached lines: "
        f"median {np.median(share):.3f}, least {share.min():.3f} of {len(share)}"
    )


def machine() -> dict[str, str]:
    """What this was measured on."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next(line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name"))
    memory = int(Path("/proc/meminfo").read_text(encoding="ascii").split()[1]) / 1e6
    return {
        "processor": model,
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory:.0f} GB",
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "load before the report": f"{os.getloadavg()[2]:.1f} (15 minutes)",
    }


def write(
    folder: Path, result: dict, versions: dict[str, str], *, quick: bool, jobs: tuple[str, ...] = ()
) -> None:
    """`results.json` with everything, `results.md` to read; `jobs` are those that alone were measured."""
    date = dt.datetime.now(dt.UTC).date().isoformat()
    whole = {"date": date, "quick": quick, "machine": machine(), "versions": versions, "cities": result}
    if jobs:
        earlier = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        whole["again"] = sorted({*jobs, *(earlier.get("again", ()) if earlier["date"] == date else ())})
        whole["others"] = (
            earlier.get("others", earlier["date"]) if earlier["date"] == date else earlier["date"]
        )
    for city in result.values():
        for name in ("extract", "crs"):  # a path of this machine, a page of WKT
            city["facts"].pop(name, None)
    (folder / "results.json").write_text(json.dumps(whole, indent=1), encoding="utf-8")
    (folder / "results.md").write_text("\n".join(_page(whole)) + "\n", encoding="utf-8")
    print("\n".join(_page(whole)))


def _page(whole: dict) -> list[str]:
    """The page, line by line."""
    machine_line = ", ".join(f"{key} {value}" for key, value in whole["machine"].items())
    peers = ", ".join(f"{name} {version}" for name, version in whole["versions"].items())
    command = "python benchmarks/run.py" + (" --quick" if whole["quick"] else "")
    lines = [
        "# Measured against its peers",
        "",
        f"Made by `{command}` on {whole['date']}: {machine_line}.",
        f"Peers: {peers}.",
        *(
            [f"So were {', '.join(whole['again'])}; the other jobs on {whole['others']}."]
            if "again" in whole
            else []
        ),
        "",
        "Every engine had the same graph and points in one run, every job a process of its own. Seconds are",
        "the fastest of several runs by the clock; what an engine prepares once (contraction, ranges) is not",
        "in them but in results.json. *CPU* is the same ratio in processor time of all threads, which other",
        "programs on the machine disturb less.",
    ]
    for name, city in whole["cities"].items():
        facts = city["facts"]
        lines += ["", f"## {name.capitalize()}: {facts['nodes']:,} nodes, {facts['edges']:,} edges", ""]
        lines += _ratio_table(city, facts)
        lines += ["", "Ours alone:", "", *_own_table(city)]
        failed = [row for row in city["jobs"] if "error" in row]
        if failed:
            lines += ["", "Not done:", ""]
            lines += [f"- {row['job']}, {row['engine']}: {row['error']}" for row in failed]
        lines += ["", "Results agree:", ""]
        lines += [f"- {what}: {how}." for what, how in city["agreement"].items()]
    tried = (Path(__file__).parent / "tried.md").read_text(encoding="utf-8")
    return [*lines, "", tried.rstrip()]


def _ratio_table(city: dict, facts: dict) -> list[str]:
    """One line per job and peer."""
    rows = {(row["job"], row["engine"]): row for row in city["jobs"] if "error" not in row}
    lines = [
        "| job | peer | peer s | ours s | times faster | CPU | goal | peer MB | ours MB |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for job, peer, goal in RATIO_GOALS:
        theirs = rows.get(("buffer-union", "lifecircle") if peer == "buffer-union" else (job, peer))
        ours = rows.get((job, "lifecircle"))
        if theirs is None or ours is None:
            continue
        ratio = _ratio(theirs, ours, "seconds")
        # Valhalla builds in a program of its own, whose processor time is not ours to see
        unseen = (job, peer) == ("build", "valhalla")
        cpu = "" if unseen else f"{_ratio(theirs, ours, 'processor_s'):.1f}"
        verdict = "" if goal is None else f"{goal:g} {_verdict(ratio >= goal)}"
        cells = (
            job, peer, f"{_each(theirs):.4g}", f"{_each(ours):.4g}", f"**{ratio:.1f}**", cpu, verdict,
            "" if unseen else f"{theirs['peak_mb']:.0f}", f"{ours['peak_mb']:.0f}",
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", *[f"- {job}: {text.format(**facts)}" for job, text in WHAT.items()]]
    return lines + _pyrosm_tables(rows)


def _pyrosm_tables(rows: dict) -> list[str]:
    """How ours compares where pyrosm stops at tables: the goal can be read either way."""
    theirs, ours = rows.get(("build", "pyrosm")), rows.get(("build", "lifecircle"))
    if theirs is None or ours is None:
        return []
    (tables,) = theirs["prepare_s"].values()
    ratio = tables / min(ours["seconds"])
    verdict = _verdict(ratio >= 2.5)
    return [
        (
            "- build, pyrosm: to a networkx graph, the least one can route on; its tables of nodes and edges "
            f"alone took {tables:.1f} s, {ratio:.1f} times our whole build (goal 2.5 {verdict})"
        )
    ]


def _own_table(city: dict) -> list[str]:
    """Seconds and peak memory of every job of ours, with the goals that are no ratios."""
    lines = ["| job | s | peak MB | goal |", "|---|---:|---:|---|"]
    for row in city["jobs"]:
        if row["engine"] != "lifecircle" or "error" in row:
            continue
        limit = MEMORY_GOALS_MB.get(row["job"], MEMORY_GOAL_MB)
        words = [] if limit is None else [f"{limit:.0f} MB {_verdict(row['peak_mb'] < limit)}"]
        seconds = min(row["seconds"])
        if row["job"] == "reload":
            words.append(f"{RELOAD_GOAL_S} s {_verdict(seconds < RELOAD_GOAL_S)}")
        lines.append(f"| {row['job']} | {seconds:.4g} | {row['peak_mb']:.0f} | {', '.join(words)} |")
    return lines


def _verdict(met: bool) -> str:  # noqa: FBT001  the one thing it asks
    """A goal's word."""
    return "met" if met else "**missed**"


def _each(row: dict) -> float:
    """Fastest run, per unit."""
    return min(row["seconds"]) / row["units"]


def _ratio(theirs: dict, ours: dict, key: str) -> float:
    """How many times longer theirs took."""
    return min(theirs[key]) / theirs["units"] / (min(ours[key]) / ours["units"])
