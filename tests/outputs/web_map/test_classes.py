"""Classes are few, round and cover what there is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.outputs.web_map.classes import CLASSES, class_breaks

figures = st.lists(st.floats(-1e6, 1e6), max_size=60)


@given(figures)
def test_breaks_ascend_inside_the_figures_and_are_few(values):
    breaks = class_breaks(values)
    assert breaks == sorted(set(breaks))
    assert len(breaks) < CLASSES
    assert all(min(values) < limit <= max(values) for limit in breaks)


@given(figures, st.floats(-1e6, 1e6))
def test_a_target_with_figures_on_both_sides_is_a_break(values, target):
    inside = bool(values) and min(values) < target <= max(values)
    assert (target in class_breaks(values, target=target)) >= inside


def test_a_hundred_figures_by_hand():
    assert class_breaks(np.arange(1.0, 101.0)) == pytest.approx([20, 40, 60, 80], abs=5)


def test_shares_near_one_are_not_lumped_together():
    breaks = class_breaks([0.81, 0.84, 0.88, 0.91, 0.95, 0.99], target=0.9)
    assert 0.9 in breaks
    assert len(breaks) >= 3


@pytest.mark.parametrize("values", [[], [np.nan], [3.0], [3.0, 3.0]])
def test_one_class_needs_no_break(values):
    assert class_breaks(values) == []
