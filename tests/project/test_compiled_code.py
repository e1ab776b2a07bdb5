"""Compiled code on disk is used only where it is whole and of the sources that run."""

import os
import pickle
import subprocess
import sys
import textwrap

import pytest

from lifecircle import jit

CALLER = """\
from lifecircle.jit import njit
from lifecircle.network.keys import FAR

@njit(cache=True, nogil=True)
def twice(value):
    return 2 * value
"""


@pytest.fixture
def doubled(tmp_path):
    """A compiled function of a module of its own, run once in another process; what a further run says."""
    (tmp_path / "doubling.py").write_text(CALLER, encoding="utf-8")
    kept = tmp_path / "kept"

    def run():
        said = textwrap.dedent("""
            import doubling
            print(doubling.twice(21), sum(doubling.twice.stats.cache_hits.values()))
        """)
        paths = os.pathsep.join([str(tmp_path), *sys.path])
        own = {**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(kept)}
        answer = subprocess.run(
            [sys.executable, "-c", said], capture_output=True, text=True, env=own, check=True
        )
        value, hits = answer.stdout.split()
        return int(value), int(hits)

    assert run() == (42, 0)
    assert run() == (42, 1)
    return run, kept


def test_a_damaged_entry_counts_as_none(tmp_path):
    def fresh():
        return jit._CheckedFile(
            cache_path=str(tmp_path), filename_base="loop", source_stamp=("stamp", "sources")
        )

    kept = {"machine code": list(range(200))}
    for ending in ("*.nbc", "*.nbi"):
        fresh().save("signature", kept)
        assert fresh().load("signature") == kept
        (entry,) = tmp_path.glob(ending)
        whole = entry.read_bytes()
        damaged = [
            whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :] for place in range(len(whole))
        ]
        cut = [whole[:length] for length in range(len(whole))]
        for content in [*damaged, *cut]:
            entry.write_bytes(content)
            assert fresh().load("signature") is None
        fresh().save("signature", kept)
        assert fresh().load("signature") == kept, "made whole again"


def test_an_entry_that_cannot_be_used_is_compiled_anew(doubled):
    run, kept = doubled
    (code,) = kept.rglob("*.nbc")
    code.write_bytes(code.read_bytes()[:-1])
    assert run() == (42, 0), "its machine code lost a byte"
    (index,) = kept.rglob("*.nbi")
    # as a release leaves it behind whose record types lay elsewhere
    gone = b"clifecircle.network.kernels.of_yesterday\nArcs\n."
    with pytest.raises(ModuleNotFoundError):
        pickle.loads(gone)  # noqa: S301
    index.write_bytes(jit.hashlib.sha256(gone).digest() + gone)
    assert run() == (42, 0)


@pytest.mark.skipif(os.name != "posix", reason="folders have no such modes there")
def test_what_others_may_have_put_there_is_not_run(doubled):
    run, kept = doubled
    (folder,) = {path.parent for path in kept.rglob("*.nbi")}
    folder.chmod(0o777)
    assert run() == (42, 0)
    folder.chmod(0o700)
    assert run() == (42, 1)


def test_the_sources_a_module_imports_belong_to_its_key(tmp_path):
    package = tmp_path / "town"
    (package / "deep").mkdir(parents=True)
    for name, content in {
        "__init__.py": "",
        "outer.py": "import numpy\nfrom town.middle import step\n",
        "middle.py": "from town.deep.inner import (\n    step,\n)\n",
        "deep/__init__.py": "",
        "deep/inner.py": "def step(): return 1\n",
        "aside.py": "",
    }.items():
        (package / name).write_text(content, encoding="utf-8")

    def key():
        jit._imports.cache_clear()
        jit._digest.cache_clear()
        return jit.fingerprint(package / "outer.py", package)

    first = key()
    (package / "aside.py").write_text("changed = True\n", encoding="utf-8")
    assert key() == first, "nobody imports it"
    (package / "deep/inner.py").write_text("def step(): return 2\n", encoding="utf-8")
    assert key() != first


def test_every_compiled_loop_has_a_checked_cache():
    # a kernel that asks numba itself would run stale code after an upgrade
    sources = [path for path in jit._ROOT.rglob("*.py") if path.name != "jit.py"]
    assert len(sources) > 100
    assert not [path for path in sources if "from numba import njit" in path.read_text(encoding="utf-8")]


def test_who_waits_for_the_compiler_can_be_told(tmp_path):
    said = """
        import logging, sys
        logging.basicConfig(level="INFO", stream=sys.stdout, format="%(name)s %(message)s")
        import numpy as np
        from lifecircle.network.kernels.order import ascending, grouped
        codes = np.array([1, 0, 1])
        ascending(codes, codes), grouped(codes, 2)
    """
    own = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def lines():
        answer = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(said)], capture_output=True, text=True, env=own, check=True
        )
        return answer.stdout.splitlines()

    assert [line.split()[:2] for line in lines()] == [["lifecircle.jit", "compiling,"]], "once for both"
    assert lines() == [], "both are kept"
