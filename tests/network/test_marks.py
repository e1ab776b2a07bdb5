"""Numbers put in order by bits, and lists of pairs that begin anew where they are full."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lifecircle.network import pairs
from lifecircle.network.examples import grid_network, grid_places
from lifecircle.network.kernels.marks import put_ascending, write_ascending
from lifecircle.network.routing import pair_lists

BELOW = 20_000
"""More than a word of words holds: 64 x 64 x 64 numbers would be the next storey."""

some_numbers = arrays.arrays(np.int32, st.integers(0, 300), elements=st.integers(0, BELOW - 1), unique=True)


@given(some_numbers, some_numbers)
def test_marks_put_numbers_in_order_and_are_left_as_they_were(first, second):
    marks = pair_lists.marks_below(BELOW)
    for numbers in (first, second):
        ordered = numbers.copy()
        put_ascending(marks, ordered, len(ordered))
        assert ordered.tolist() == sorted(numbers.tolist())
        assert not marks.words.any()
        assert not marks.sums.any()


@given(some_numbers, st.data())
def test_marks_write_a_part_of_a_list_in_order_with_its_values(numbers, data):
    begin = data.draw(st.integers(0, len(numbers)))
    stop = data.draw(st.integers(begin, len(numbers)))
    marks = pair_lists.marks_below(BELOW)
    out, out_values = np.full(len(numbers) + 3, -1, np.int64), np.full(len(numbers) + 3, -1, np.int64)
    write_ascending(marks, numbers, numbers * 2, begin, stop, out, out_values, 3)
    part = sorted(numbers[begin:stop].tolist())
    assert out[3 : 3 + len(part)].tolist() == part
    assert out_values[3 : 3 + len(part)].tolist() == [2 * number for number in part]
    # nothing else is written, and no mark is left
    assert (out[:3] == -1).all()
    assert (out[3 + len(part) :] == -1).all()
    assert not marks.words.any()
    assert not marks.sums.any()


def test_pairs_are_the_same_where_lists_are_full_after_every_search(monkeypatch):
    streets = grid_network()
    places = {f"{x}-{y}": (x, y) for x in range(0, 201, 50) for y in range(0, 201, 50)}
    points = streets.snap(grid_places(places))
    roomy = pairs(streets, points, points, max_cost=250_000, threads=1)
    monkeypatch.setattr(pair_lists, "_ROOM", 1)
    tight = pairs(streets, points, points, max_cost=250_000, threads=1)
    assert len(roomy[0]) > 2 * len(points)
    for one, other in zip(roomy, tight, strict=True):
        assert one.tolist() == other.tolist()
