"""Damage files of every format and have them read: anything but an answer or one of our faults is reported.

Every format is tried in a process of its own, so that one which ends the process, takes more than a minute or
more memory than is promised, or keeps files open, is told like one that raises what nobody expects. The
damaged file is kept.

    python tests/fuzz/run.py --minutes 10                  # all formats, new examples, shared evenly
    python tests/fuzz/run.py --examples 100 csv xlsx       # the same examples every time
    python tests/fuzz/run.py --minutes 1 --same csv        # the same, as many as a minute holds
"""

from __future__ import annotations

import argparse
import faulthandler
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from damage import EDITS, members_damaged
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from targets import TARGETS, Target, quiet

from lifecircle.errors import LifecircleError

MEMORY_BYTES = 2 * 1024**3
"""What reading a damaged file may take beside what the program itself takes."""
SECONDS_A_FILE = 60
_MANY = 10_000_000
_FINDS = Path(tempfile.gettempdir()) / "lifecircle-fuzz"


def main() -> int:
    """Try the formats asked for; 1 where anything came to light."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", default=list(TARGETS), help=", ".join(TARGETS))
    parser.add_argument("--minutes", type=float, default=0.0, help="for all of them: new examples until then")
    parser.add_argument("--same", action="store_true", help="with --minutes: the same examples every time")
    parser.add_argument("--examples", type=int, default=100, help="of each, the same every time")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    seconds = asked.minutes * 60 / max(1, len(asked.targets))
    if asked.one:
        return try_target(asked.targets[0], examples=asked.examples, seconds=seconds, same=asked.same)
    failed = []
    for name in asked.targets:
        words = [sys.executable, __file__, name, "--one", "--examples", str(asked.examples)]
        words += ["--minutes", str(seconds / 60), *(["--same"] if asked.same else [])]
        done = subprocess.run(words, check=False)
        if done.returncode:
            failed.append(f"{name} (exit {done.returncode}, see {_FINDS / name})")
    _say("nothing came to light" if not failed else "; ".join(failed))
    return 1 if failed else 0


def try_target(name: str, *, examples: int, seconds: float, same: bool) -> int:
    """Try one format in this process: 0 where every file was read or refused in our words."""
    faulthandler.enable()
    quiet()
    target = TARGETS[name]
    finds = _FINDS / name
    shutil.rmtree(finds, ignore_errors=True)
    finds.mkdir(parents=True)
    count, left_open, slowest = 0, 0, 0.0
    with tempfile.TemporaryDirectory(prefix="lifecircle-fuzz-") as folder:
        seeds = target.seeds(Path(folder))
        path = Path(folder) / target.file
        path.write_bytes(seeds[0])
        target.read(path)  # a sound file is read
        _limit_memory()
        resident = _peak_bytes()
        began = time.monotonic()  # what was imported and written until here is no file tried
        until = began + seconds
        signal.signal(signal.SIGALRM, _too_long)

        @settings(
            max_examples=_MANY if seconds else examples,
            derandomize=same or not seconds,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink] if not seconds else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(
            st.sampled_from(seeds), st.lists(EDITS, min_size=1, max_size=6), st.integers(0, 30), st.booleans()
        )
        def damaged(seed, edits, number, inside):
            nonlocal count, left_open, slowest
            if seconds and time.monotonic() > until:
                raise _EnoughError
            count += 1
            if target.packed and inside:
                data = members_damaged(seed, edits, number)
            else:
                data = seed
                for edit in edits:
                    data = edit.applied(data)
            path.write_bytes(data)
            kept = finds / f"last-{target.file}"
            kept.write_bytes(data)  # what ends the process is found here
            signal.alarm(SECONDS_A_FILE)
            faulthandler.dump_traceback_later(2 * SECONDS_A_FILE, exit=True)  # where a library never returns
            start = time.monotonic()
            try:
                left_open += _read(target, path)
            except LifecircleError as error:
                if any(fault.key == "memory-short" for fault in getattr(error, "faults", ())):
                    raise MemoryError from error  # told in good words, and yet too much for one file
                for lang in ("zh", "en"):
                    error.render(lang)
            finally:
                signal.alarm(0)
                faulthandler.cancel_dump_traceback_later()
                slowest = max(slowest, time.monotonic() - start)

        try:
            damaged()
        except _EnoughError:
            pass
        except BaseException:  # noqa: BLE001  # what nobody expects is what is looked for
            traceback.print_exc()
            _say(f"{name}: after {count} files; the file: {finds}")
            return 1
    took, peak = time.monotonic() - began, (_peak_bytes() - resident) / 1024**2
    _say(f"{name}: {count} files in {took:.0f} s, {slowest:.1f} s for the slowest, {peak:.0f} MB at most")
    shutil.rmtree(finds)
    return _left_open(name, left_open)


def _read(target: Target, path: Path) -> int:
    """Read a file; how many files are open since, which is not asked of one that is refused.

    osmium never closes a file whose header it refuses.
    """
    before = _open_files()
    target.read(path)
    return _open_files() - before


def _left_open(name: str, count: int) -> int:
    """1, and said, where readers kept files open."""
    if count > 0:
        _say(f"{name}: {count} files are still open")
    return int(count > 0)


def _say(words: str) -> None:
    """One line for who started this."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


class _EnoughError(BaseException):
    """The time is over."""


def _open_files() -> int:
    """How many files the process holds open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _peak_bytes() -> int:
    """The most that the process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _limit_memory() -> None:
    """Let the process take so much more than it has now."""
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY_BYTES, now + MEMORY_BYTES))


class _TooLongError(BaseException):
    """A file took too long: no boundary around a reader may take it for an error of its library."""


def _too_long(*_: object) -> None:
    raise _TooLongError(f"more than {SECONDS_A_FILE} s for one file")


if __name__ == "__main__":
    sys.exit(main())
