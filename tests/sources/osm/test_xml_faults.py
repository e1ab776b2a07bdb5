"""Broken objects of OpenStreetMap XML are named with their ids, all together."""

import pytest

from lifecircle.errors import InputError
from lifecircle.sources.streets.osm import read_osm_streets

SOUND = (
    '<node id="1" version="1" lat="30.6" lon="114.3"/>\n<node id="2" version="1" lat="30.6" lon="114.31"/>\n'
    '<way id="10" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>\n'
    '<relation id="5" version="1"><member type="way" ref="10" role=""/><tag k="type" v="x"/></relation>\n'
)


@pytest.mark.parametrize(
    ("sound", "broken", "row", "field"),
    [
        ('lon="114.31"', 'lon="abc"', "node 2", "lon"),
        ('lat="30.6" lon="114.31"', 'lat="30,6" lon="114.31"', "node 2", "lat"),
        ('lon="114.31"', 'lon="999"', "node 2", "lon"),
        ('id="2"', 'id="x2"', "node x2", "id"),
        ('version="1" lat', 'version="v" lat', "node 1", "version"),
        ('<nd ref="2"/>', '<nd ref="?"/>', "way 10", "ref"),
        ('member type="way"', 'member type="foo"', "relation 5", "type"),
    ],
)
def test_an_object_that_cannot_be_read_is_named(tmp_path, sound, broken, row, field):
    assert sound in SOUND
    path = tmp_path / "town.osm"
    path.write_text(f'<osm version="0.6">\n{SOUND.replace(sound, broken, 1)}</osm>\n', encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_osm_streets(path)
    (fault,) = refused.value.faults
    assert (fault.key, fault.row, fault.field) == ("osm-object-broken", row, field)
    assert str(path) in str(refused.value)


def test_all_broken_objects_are_named_together_and_a_torn_file_is_called_torn(tmp_path):
    path = tmp_path / "town.osm"
    twice = SOUND.replace('lon="114.31"', 'lon="abc"').replace('ref="10"', 'ref="q"')
    path.write_text(f'<osm version="0.6">\n{twice}</osm>\n', encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_osm_streets(path)
    assert [fault.row for fault in refused.value.faults] == ["node 2", "relation 5"]
    path.write_text(f'<osm version="0.6">\n{SOUND}', encoding="utf-8")
    with pytest.raises(InputError) as torn:
        read_osm_streets(path)
    assert [fault.key for fault in torn.value.faults] == ["osm-unreadable"]
