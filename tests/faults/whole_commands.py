"""Whole commands ended by signals, killed at system calls that write, short of disk: what is left of each.

    python tests/faults/whole_commands.py signals     # SIGTERM, SIGHUP, SIGINT, every command
    python tests/faults/whole_commands.py kills 20    # SIGKILL at random moments of `run`, then `check`
    python tests/faults/whole_commands.py calls 20    # SIGKILL at random writing calls of `run` (strace)
    python tests/faults/whole_commands.py disk        # `run` at 18 sizes of disk, others at 4 (Linux, root)
    python tests/faults/whole_commands.py reads       # what each opens, without a network (strace)

A line is printed for each, and how many went well: nothing lost, nothing left, no traceback. Old results, the
user's own file among them, must stay or be replaced whole. tests/support must be on the path.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
from own_plans import circle, own_plan
from shapely import Point, box
from small_study import study_text, write_layer, write_two_communities

COMMANDS = {
    "run": "run study.toml --json",
    "check": "check study.toml --html page.html",
    "site": "site study.toml --service health-station --new 1 -o sites.gpkg",
    "grids": "grids study.toml -o grids.gpkg",
    "monitor": "monitor study.toml -o monitoring.xlsx",
    "compare": "compare results results -o compare.xlsx",
    "times": "times streets.gpkg --from points.gpkg --to points.gpkg -o times.csv",
    "isochrones": "isochrones streets.gpkg --points points.gpkg -o areas.gpkg",
    "streets": "streets streets.gpkg -o edges.gpkg",
    "explain": "explain study.toml --from 130102001001 --service health-station -o way.gpkg",
    "template": "template own.toml -o ledgers.xlsx",
    "demo": "demo --output demo",
    "serve": "serve study.toml --json",
}
ENDLESS = {"serve", "demo"}
"""Commands that are ended within their first seconds."""
LEDGER = '[[facilities]]\nsource = "ledger.csv"\nservice = "health-station"\n'
WRITES = (
    "write,pwrite64,writev,rename,renameat,renameat2,openat,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir"
)
OPENS = "open,openat,connect,sendto"
SYSTEM = ("/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev", "/var/cache/fontconfig")
DISK_KB = (0, 8, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1400, 1800, 2200, 2600, 3200, 4000)
PATIENCE_S = 300


def town(folder):
    """A small study with results in it, and a file of the user's own among them."""
    folder.mkdir()
    write_two_communities(folder)
    write_layer(folder / "boundary.gpkg", [box(0, 0, 2000, 1000)], name=["镇"])
    points = [Point(114.503, 38.003), Point(114.51, 38.004)]
    gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=points, crs=4326).to_file(folder / "points.gpkg")
    (folder / "ledger.csv").write_text("id,lon,lat\nA,114.505,38.0045\n", encoding="utf-8")
    plan = own_plan(circle("own-station-circle", "health-station", everywhere=True))
    (folder / "own.toml").write_text(plan, encoding="utf-8")
    (folder / "study.toml").write_text(study_text("镇", LEDGER), encoding="utf-8")
    done = subprocess.run(called("run"), cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (folder / "results" / "notes.txt").write_text("the user's own", encoding="utf-8")
    return folder


def called(name):
    """The words of a command."""
    return [sys.executable, "-m", "lifecircle", *COMMANDS[name].split()]


def contents(folder):
    """Every file by its checksum, without findings of a run that is under way."""
    files = (path for path in folder.rglob("*") if path.is_file() and "deficits.first" not in path.name)
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).digest() for path in files}


def wrong(folder, before, code, said, *, codes):
    """What is bad about how a command ended; blank where nothing is."""
    after = contents(folder)
    results = {name for name in before if name.startswith("results/")}
    changed = {name for name in results if after.get(name) != before[name]}
    told = []
    if lost := sorted(set(before) - set(after)):
        told.append(f"lost {lost[:3]}")
    if changed and "results/deficits.csv" not in changed and "results/run.json" not in changed:
        told.append(f"results of two runs {sorted(changed)[:3]}")
    if after.get("results/notes.txt") != before["results/notes.txt"]:
        told.append("the user's own file")
    if left := sorted(path.name for path in folder.rglob(".*")):
        told.append(f"left {left[:3]}")
    if "Traceback" in said or "lifecircle itself failed" in said:
        told.append("a fault of the program: " + said[-300:])
    if code not in codes:
        told.append(f"exit {code}: {said[-200:]}")
    return "; ".join(told)


def by_signals(folder, chance):
    """Every command ended by each signal at two random moments."""
    for name in COMMANDS:
        took = 6.0 if name in ENDLESS else duration(folder, name)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            for _ in range(2):
                before = contents(folder)
                process = subprocess.Popen(
                    called(name), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
                )
                time.sleep(chance.uniform(1.0, max(1.2, took)))
                running = process.poll() is None
                process.send_signal(number)
                out, err = process.communicate(timeout=PATIENCE_S)
                codes = {128 + number, -number, 130, 1} if running else {0}
                if running and name != "serve":
                    codes.add(0)  # it was just done
                yield (
                    f"{name} {number.name}",
                    wrong(folder, before, process.returncode, out + err, codes=codes),
                )
                shutil.rmtree(folder / "demo", ignore_errors=True)


def duration(folder, name):
    """How long a command takes, in seconds."""
    began = time.monotonic()
    subprocess.run(called(name), cwd=folder, capture_output=True, check=True)
    return time.monotonic() - began


def after_kill(folder, before):
    """What is bad once the next command has been there."""
    done = subprocess.run(
        [sys.executable, "-m", "lifecircle", "check", "study.toml"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return wrong(folder, before, done.returncode, done.stderr, codes={0})


def by_kills(folder, chance, count):
    """`run` killed at random moments."""
    took, killed = duration(folder, "run"), 0
    while killed < count:
        before = contents(folder)
        process = subprocess.Popen(
            called("run"), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(took / 3, took))
        if process.poll() is None:
            killed += 1
            process.kill()
            process.wait()
            yield f"kill {killed}", after_kill(folder, before)


def by_calls(folder, chance, count):
    """`run` killed at random calls of the system that write."""
    counted = folder.parent / "calls.txt"
    watched = ["strace", "-f", "-qq", "-e", f"trace={WRITES}", "-o", str(counted)]
    subprocess.run([*watched, *called("run")], cwd=folder, capture_output=True, check=True)
    names = re.findall(r"^\d+ +(\w+)\(", counted.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    for number in range(count):
        before = contents(folder)
        name = chance.choice(names)
        at = chance.randrange(1, names.count(name) + 1)
        killing = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={name}"]
        killing += ["-e", f"inject={name}:signal=KILL:when={at}"]
        subprocess.run([*killing, *called("run")], cwd=folder, capture_output=True, check=False)
        yield f"kill {number + 1} at {name} {at} of {names.count(name)}", after_kill(folder, before)


def by_disk(folder, _):
    """`run` on disks with so little room, the others at four sizes; each ends well or with one fault."""
    levels = [("run", size) for size in DISK_KB]
    others = [name for name in COMMANDS if name not in {*ENDLESS, "run"}]
    levels += [(name, size) for name in others for size in (0, 16, 48, 96)]
    used = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 1024
    for name, free in levels:
        mounted = folder.parent / "disk"
        mounted.mkdir(exist_ok=True)
        words = " ".join(f"'{word}'" for word in called(name))
        size = used * 2 + 400 + free
        script = (
            f"mount -t tmpfs -o size={size}k tmpfs {mounted} && cp -r {folder} {mounted}/town && "
            f"cd {mounted}/town && room=$(df -k --output=avail . | tail -1) && "
            f"head -c $(( (room - {free}) * 1024 )) /dev/zero > {mounted}/full; "
            f"{words} > {folder.parent}/out 2> {folder.parent}/err; echo $? > {folder.parent}/code; "
            f"rm {mounted}/full; rm -rf {folder.parent}/kept; cp -r {mounted}/town {folder.parent}/kept"
        )
        subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, check=True)
        said = (folder.parent / "err").read_text(encoding="utf-8", errors="replace")
        code = int((folder.parent / "code").read_text(encoding="utf-8"))
        yield (
            f"{name}, {free} KB: exit {code}",
            wrong(folder.parent / "kept", contents(folder), code, said, codes={0, 2}),
        )


def by_reads(folder, _):
    """Every command without a network: it connects to nothing, and opens its own files and the system's."""
    log = folder.parent / "opened.txt"
    watched = ["unshare", "-n", "strace", "-f", "-qq", "-e", f"trace={OPENS}", "-s", "4096", "-o", str(log)]
    for name, words in COMMANDS.items():
        there = {path.name for path in folder.rglob("*")} | {*words.split(), "demo"}
        ending = ["timeout", "90"] if name in ENDLESS else []  # strace hands no signal on
        done = subprocess.run(
            [*watched, *ending, *called(name)], cwd=folder, capture_output=True, text=True, check=False
        )
        told = "; ".join(sorted({*foreign_calls(log, folder, there)}))[:600]
        yield name, told or ("" if done.returncode in {0, 124} else done.stderr[-300:])
        shutil.rmtree(folder / "demo", ignore_errors=True)


def foreign_calls(log, folder, there):
    """Connections, and files opened that are neither the program's, nor the system's, nor named to it."""
    base = Path(sys.base_prefix).resolve()
    package = Path(importlib.util.find_spec("lifecircle").origin).resolve().parents[1]
    variables = ("NUMBA_CACHE_DIR", "LIFECIRCLE_CACHE", "MPLCONFIGDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
    caches = [os.environ[name] for name in variables if name in os.environ]
    own = [*SYSTEM, sys.prefix, base, Path(sys.executable).resolve().parents[1], package, *caches]
    own += [Path.home() / ".cache", Path.home() / ".config", *(place for place in sys.path if place)]
    calls = log.read_text(encoding="utf-8", errors="replace")
    for family in re.findall(r"\b(?:connect|sendto)\(.*?sa_family=(\w+)", calls):
        yield f"connects ({family})"
    for given in re.findall(r'\bopen(?:at)?\((?:AT_FDCWD, )?"([^"]*)"', calls):
        path = Path(os.path.normpath(folder / given))
        if not path.exists():  # looked for in vain, as settings of libraries are, or a temporary file
            continue
        if path.is_relative_to(folder):
            names = path.relative_to(folder).parts
            if names and names[0] not in there and not names[0].startswith("."):
                yield str(path)
        elif not any(path.is_relative_to(Path(place)) for place in own):
            yield str(path)


def main():
    """Try one way; 1 where anything was lost, left or told badly."""
    ways = {"signals": by_signals, "kills": by_kills, "calls": by_calls, "disk": by_disk, "reads": by_reads}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", choices=ways)
    parser.add_argument("count", type=int, nargs="?", default=20)
    asked = parser.parse_args()
    seed = time.time_ns()
    chance = random.Random(seed)  # noqa: S311
    given = (chance, asked.count) if asked.way in {"kills", "calls"} else (chance,)
    tried = bad = 0
    with tempfile.TemporaryDirectory() as place:
        for what, fault in ways[asked.way](town(Path(place) / "town"), *given):
            tried += 1
            bad += bool(fault)
            sys.stdout.write(f"{what}: {fault or 'well'}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{tried - bad} of {tried} well (seed {seed})\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
