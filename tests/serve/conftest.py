"""A study small enough to be asked at once, served once for this room's tests."""

from __future__ import annotations

import zlib

import pytest
from served import Visitor

import lifecircle as lc


@pytest.fixture(scope="session")
def study_file(tmp_path_factory):
    return lc.example_study(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="session")
def session(study_file):
    return lc.prepare(lc.Study.from_file(study_file))


@pytest.fixture(scope="session")
def page(session):
    """The example study, served once for all tests of this room."""
    served = session.serve()
    yield served
    served.stop()


@pytest.fixture
def visitor(page, request):
    """A visitor with a desk of their own."""
    desk = f"{zlib.crc32(request.node.nodeid.encode()):016x}"
    return Visitor(page, desk)
