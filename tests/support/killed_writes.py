"""Results of a study written again and again by processes that are killed, and what is left after each.

    python tests/support/killed_writes.py STUDY.toml COUNT [--whole]

Every other process is killed at a random moment, the others at a random step that makes, renames, links or
removes a file. One JSON object is printed: how many were killed, how many left the old results, how many the
new ones whole, what was lost, and what the writer after them did not clear up. ``--whole`` writes everything,
else tables and layers.
"""

import hashlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import lifecircle as lc
from lifecircle import outputs

LAST = 12
"""Of the steps, these are the end of the swap and the removal of the old results."""
STEPS = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "open")


def write(run, target, *, whole):
    """Write results as the command does."""
    with outputs.reserved_folder(target):
        with outputs.first_findings(target) as file:
            outputs.write_deficits_csv(run, file, lang="en")
        if whole:
            run.write(target, lang="en")
            return
        with outputs.replaced_folder(target) as fresh:
            outputs.write_deficits_csv(run, fresh / "deficits.csv", lang="en")
            outputs.write_workbook(run, fresh / "deficits.xlsx", lang="en")
            outputs.write_layers(run, fresh / "study.gpkg", lang="en")
            outputs.write_manifest(run, fresh / outputs.MANIFEST)


def on_steps(tell):
    """Tell of every step that changes files, for as long as the process lives, with its number."""
    steps = 0

    def count(event, arguments):
        nonlocal steps
        reads = event == "open" and isinstance(arguments[1], str) and arguments[1][0] == "r"
        if event in STEPS and not reads:
            steps += 1
            tell(steps)

    sys.addaudithook(count)


def forked(work, *, at_step=0):
    """A process of its own that does some work; killed at a step that changes files if one is named."""
    process = os.fork()
    if process:
        return process
    on_steps(lambda steps: steps == at_step and os.kill(os.getpid(), signal.SIGKILL))
    try:
        work()
    except BaseException:  # noqa: BLE001  # the parent sees that it failed
        os._exit(255)
    os._exit(0)


def ended(process, patience_s):
    """Whether a process ended by itself within a time; else it is killed."""
    stop = time.monotonic() + patience_s
    while time.monotonic() < stop:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return not os.WIFSIGNALED(status)
        time.sleep(0.002)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return False


def contents(folder):
    """Every file below a folder, by its checksum, without findings of a run that is under way."""
    files = (path for path in folder.rglob("*") if path.is_file() and "deficits.first.csv" not in path.name)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).digest() for path in files}


def main(study, count, *, whole):
    """Kill that many writers."""
    run = lc.run(lc.Study.from_file(study))
    target = study.parent / "results"
    write(run, target, whole=whole)
    steps = []
    on_steps(steps.append)
    began = time.monotonic()
    write(run, target, whole=whole)
    took, every = time.monotonic() - began, len(steps)
    (target / "notes.txt").write_text("the user's own")
    complete = set(contents(target))
    chance = random.Random()  # noqa: S311
    told = {"killed": 0, "old": 0, "new": 0, "lost": []}
    while told["killed"] < count:
        before, place = contents(target), (target / "deficits.csv").stat().st_ino
        # half of the steps are among the last, where new results take the place of the old ones
        first = chance.choice([1, max(1, every - LAST)])
        step = chance.randint(first, every) if told["killed"] % 2 else 0
        process = forked(lambda: write(run, target, whole=whole), at_step=step)
        if ended(process, 60.0 if step else chance.uniform(0.0, took)):
            continue
        told["killed"] += 1
        after = contents(target)
        if after == before:
            # equal results have equal bytes: another file tells new ones
            told["old" if (target / "deficits.csv").stat().st_ino == place else "new"] += 1
        elif set(after) == complete and after["deficits.csv"] == before["deficits.csv"]:
            told["new"] += 1
        else:
            told["lost"].append(sorted(name for name in before if after.get(name) != before[name]))
    write(run, target, whole=whole)
    left = [path.name for folder in (study.parent, target) for path in folder.glob(".*")]
    told["left"] = left + [name for name in complete if name not in contents(target)]
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), whole="--whole" in sys.argv)
