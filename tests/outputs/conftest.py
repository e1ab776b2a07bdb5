"""The results that the tests of outputs write and read again."""

import pytest
from results_by_hand import results_by_hand


@pytest.fixture(scope="module")
def results():
    return results_by_hand()
