"""Profiles of townships: their maps' captions tell what is on them, and nothing else."""

import dataclasses

import pytest
from results_by_hand import results_by_hand

from lifecircle.messages import text
from lifecircle.outputs.report.townships import profiles


@pytest.fixture(scope="module")
def study():
    return results_by_hand()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_marks_and_numbers_are_told_where_they_are_and_every_colour_has_its_line(study, lang):
    communities = study.communities
    sites = study.proposals.sjoin(communities[["code", "name", "geometry"]]).drop(columns="index_right")
    x, y = sites.to_crs(4326).geometry.x, sites.to_crs(4326).geometry.y
    sited = dataclasses.replace(study, proposals=sites.assign(street="", x=x, y=y, plan="", rule=""))
    told = profiles(sited, lang) + profiles(dataclasses.replace(study, proposals=sites.iloc[:0]), lang)
    stars, numbers = (text(f"report.profile-{name}", lang) for name in ("stars", "numbers"))
    assert len({bool(one.picture.pins) for one in told}) == 2
    for one in told:
        assert (stars in one.caption) == bool(one.picture.pins)
        assert (numbers in one.caption) == bool(one.picture.numbers)
        number = sum(line.communities for line in one.picture.legend)
        assert number == len(one.picture.shapes)
        for line in one.picture.legend:
            count = {"zh": f"（{line.communities}个）", "en": f" ({line.communities})"}[lang]
            assert count in one.caption
        if len(one.picture.legend) == 1:
            assert text("report.profile-one-shade", lang, classes="") in one.caption
