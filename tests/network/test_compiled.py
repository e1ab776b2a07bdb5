"""Code compiled by an earlier version is compiled anew, and never ends the program."""

import pickle
import sys
import types

import numpy as np
from numba.core.caching import IndexDataCacheFile

from lifecircle.network import kernels  # noqa: F401  it prepares numba
from lifecircle.network.kernels.order import grouped


def kept_index(folder, content):
    """An index of compiled code, as a version of ours left it."""
    file = IndexDataCacheFile(str(folder), "loop-1", source_stamp="now")
    with open(file._index_path, "wb") as out:  # noqa: PTH123
        pickle.dump(file._version, out)
        out.write(content)
    return file


def test_an_index_that_names_a_record_that_is_gone_is_empty(tmp_path):
    former = types.ModuleType("former_records")
    former.Record = type("Record", (), {"__module__": "former_records"})
    sys.modules["former_records"] = former
    content = pickle.dumps(("before", {former.Record: "loop-1.1.nbc"}))
    del sys.modules["former_records"]
    assert kept_index(tmp_path, content).load("anything") is None


def test_an_index_of_our_own_is_read(tmp_path):
    content = pickle.dumps(("now", {"key": "loop-1.1.nbc"}))
    assert kept_index(tmp_path, content)._load_index() == {"key": "loop-1.1.nbc"}


def test_compiled_loops_run_with_it():
    start, order = grouped(np.array([1, 0, 1]), 2)
    assert start.tolist() == [0, 1, 3]
    assert order.tolist() == [1, 0, 2]
