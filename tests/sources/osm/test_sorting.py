"""Files in any order, with deletions and several versions: one sorted file is read."""

import osmium
import pytest

from lifecircle.errors import InputError
from lifecircle.sources.osm.file import opened_osm
from lifecircle.sources.osm.scan import scan_osm
from lifecircle.sources.osm.sorting import plain_osm
from lifecircle.sources.streets.osm import read_osm_streets

NODES = [
    '<node id="{1}" lat="0.0" lon="0.0" version="1"/>',
    '<node id="{2}" lat="0.0" lon="0.001" version="1"/>',
    '<node id="{3}" lat="0.001" lon="0.001" version="1"><tag k="amenity" v="school"/></node>',
]
WAYS = [
    '<way id="{12}" version="1"><nd ref="{1}"/><nd ref="{2}"/><tag k="highway" v="path"/></way>',
    '<way id="{11}" version="1"><nd ref="{1}"/><nd ref="{2}"/><nd ref="{3}"/><nd ref="{1}"/>__</way>'.replace(
        "__", '<tag k="amenity" v="school"/>'
    ),
]


def xml(path, lines, *, sign=1):
    """An XML file of these lines; {n} stands for an id."""
    text = "\n".join(lines)
    for number in range(1, 20):
        text = text.replace(f"{{{number}}}", str(sign * number))
    path.write_text(f'<?xml version="1.0"?>\n<osm version="0.6">\n{text}\n</osm>', encoding="utf-8")
    return path


SCHOOL = {"school": [{"amenity": ["school"]}]}


@pytest.mark.parametrize(
    "lines", [NODES + WAYS, WAYS + NODES, [*NODES[::-1], *WAYS], [*WAYS[:1], *NODES, *WAYS[1:]]]
)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_order_of_objects_and_the_sign_of_ids_change_nothing(tmp_path, lines, sign):
    path = xml(tmp_path / "town.osm", lines, sign=sign)
    streets = read_osm_streets(path)
    assert streets.way.tolist() == [sign * 12]
    assert sorted(streets.node_id.tolist()) == sorted([sign * 1, sign * 2])
    scan = scan_osm(path, SCHOOL).objects["osm_id"].tolist()
    assert sorted(scan) == sorted([f"n{sign * 3}", f"w{sign * 11}"])


def test_a_sorted_file_is_read_as_it_is_and_a_copy_is_made_once(tmp_path):
    tidy = xml(tmp_path / "tidy.osm", [*NODES, *WAYS[::-1]])
    assert plain_osm(tidy) == tidy
    untidy = xml(tmp_path / "untidy.osm", WAYS + NODES)
    assert plain_osm(untidy) != untidy
    assert plain_osm(untidy) == plain_osm(untidy)


@pytest.mark.parametrize("marks", ['action="delete"', "action='delete' visible='true'", 'visible="false"'])
def test_what_is_marked_as_deleted_is_gone(tmp_path, marks):
    gone = NODES[2].replace("<node ", f"<node {marks} ")
    path = xml(tmp_path / "edited.osm", [*NODES[:2], gone, WAYS[0]])
    assert scan_osm(path, SCHOOL).objects.empty
    assert read_osm_streets(path).way.tolist() == [12]


def test_of_several_versions_the_highest_counts_wherever_it_stands(tmp_path):
    newest = (
        '<way id="12" version="3"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="path"/></way>'
    )
    path = xml(tmp_path / "town.osh", [*NODES, newest, WAYS[0]])
    assert len(read_osm_streets(path)) == 2
    deleted = '<way id="12" version="4" visible="false"/>'
    path = xml(tmp_path / "later.osh", [*NODES, newest, deleted, WAYS[0].replace("{12}", "13")])
    assert read_osm_streets(path).way.tolist() == [13]


@pytest.mark.parametrize("name", ["day.osc", "day.osm"])
def test_a_change_file_is_refused_by_name(tmp_path, name):
    path = tmp_path / name
    path.write_text('<osmChange version="0.6"><create><node id="1" lat="0" lon="0"/></create></osmChange>')
    with pytest.raises(InputError, match="apply-changes"), opened_osm(path) as plain:
        osmium.FileProcessor(str(plain))
