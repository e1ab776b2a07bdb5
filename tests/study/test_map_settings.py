"""``[map]``: nothing by default; what cannot be drawn, or could break out of the page, is refused."""

import pytest

from lifecircle.errors import StudyError
from lifecircle.study import study_from_tables

STUDY = {
    "study": {"name": "演示", "plans": ["hainan-2022"]},
    "area": {"boundary": "b.geojson"},
    "streets": {"source": "s.osm.pbf"},
}


@pytest.fixture
def read(tmp_path):
    return lambda **settings: study_from_tables({**STUDY, "map": settings}, root=tmp_path)


def test_nothing_lies_under_the_map_by_default(tmp_path):
    assert study_from_tables(STUDY, root=tmp_path).map.basemap == "none"


def test_a_folder_of_tiles_is_found_from_the_study_file(read, tmp_path):
    study = read(basemap="tiles", tiles="tiles/{z}/{x}/{y}.png")
    assert study.map.tiles == str(tmp_path / "tiles" / "{z}" / "{x}" / "{y}.png")


def test_an_address_of_tiles_stays_as_it_is(read):
    address = "https://{s}.maps.gov.cn:8443/t/{z}/{x}/{y}.png?v=1"
    assert read(basemap="tiles", tiles=address).map.tiles == address


def test_the_key_is_kept_and_not_told(read):
    study = read(basemap="tianditu", tianditu_key="0123456789abcdef0123456789abcdef")
    assert study.map.tianditu_key.get_secret_value() == "0123456789abcdef0123456789abcdef"
    assert "0123456789" not in study.model_dump_json() + repr(study)


@pytest.mark.parametrize(
    ("settings", "field", "said"),
    [
        ({"basemap": "google"}, "map.basemap", "tianditu"),
        ({"basemap": "tianditu"}, "map", "tianditu_key"),
        ({"basemap": "tianditu", "tianditu_key": "abcdefgh&x=1"}, "map", "letters and digits"),
        ({"basemap": "tiles"}, "map", "{z}, {x} and {y}"),
        ({"basemap": "tiles", "tiles": "tiles/{z}/{x}.png"}, "map", "{z}, {x} and {y}"),
        ({"basemap": "tiles", "tiles": "ftp://a.cn/{z}/{x}/{y}"}, "map", "http://"),
        ({"basemap": "tiles", "tiles": "https://a.cn; script-src */{z}/{x}/{y}"}, "map", "semicolons"),
        ({"basemap": "tiles", "tiles": 'https://a.cn/{z}/{x}/{y}"><script>'}, "map", "quotation"),
        ({"basemap": "tiles", "tiles": "https://webrd01.is.autonavi.com/{z}/{x}/{y}"}, "map", "GCJ-02"),
        ({"basemap": "osm", "max_zoom": 99}, "map.max_zoom", "at most 22"),
        ({"basemp": "osm"}, "map.basemp", "basemap"),
    ],
)
def test_what_cannot_be_drawn_is_said(read, settings, field, said):
    with pytest.raises(StudyError) as error:
        read(**settings)
    (fault,) = error.value.faults
    assert fault.field == field
    assert said in str(error.value)


def test_a_key_refused_is_not_repeated(read):
    with pytest.raises(StudyError) as error:
        read(basemap="tianditu", tianditu_key="secret-key-of-mine")
    assert "secret-key-of-mine" not in str(error.value)


def test_tiles_may_not_lie_outside_the_study(read):
    with pytest.raises(StudyError, match="leaves the study folder"):
        read(basemap="tiles", tiles="../tiles/{z}/{x}/{y}.png")
