"""Objects as lines of text say what osmium says of them one by one."""

from pathlib import Path

import osmium
import osmium.filter
import pytest

from lifecircle.sources.osm.file import node_index
from lifecircle.sources.osm.text import members_of, picked_objects, refs_of, tags_of

WORDS = (
    "Rue de l'Eau",
    "a=b,c@d%20%",
    "%",
    "北京路 😀",
    "",
    "two\nlines\ttab",
    '\\ " & <>',
    "\u00a0",
    "x" * 255,
)
EVERYTHING = osmium.osm.NODE | osmium.osm.WAY | osmium.osm.RELATION


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Words that must be escaped, as keys, values and roles; a way without nodes, things without tags."""
    path = tmp_path / "words.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for k, word in enumerate(WORDS, 1):
            tags = [("name", word), (f"key {word}", "yes")]
            writer.add_node(osmium.osm.mutable.Node(id=k, location=(0.25 * k, -0.5 * k), tags=tags))
        writer.add_node(osmium.osm.mutable.Node(id=100, location=(7, 49)))
        writer.add_way(osmium.osm.mutable.Way(id=5, nodes=[3, 1, 2, 3], tags={"highway": "path"}))
        writer.add_way(osmium.osm.mutable.Way(id=6, nodes=[], tags={"name": WORDS[1]}))
        members = [("w", 5, "outer"), ("n", 1, ""), ("r", 7, WORDS[1]), ("w", 6, WORDS[3])]
        writer.add_relation(osmium.osm.mutable.Relation(id=7, members=members))
    return path


def test_text_says_what_osmium_says(file):
    told = []
    for kind, number, tags, parts in picked_objects(file, EVERYTHING):
        inside = {"n": lambda _: None, "w": refs_of, "r": members_of}[kind](parts)
        told.append((kind, number, tags_of(tags), inside))
    asked = []
    for thing in osmium.FileProcessor(str(file)):
        inside = None
        if thing.is_way():
            inside = [node.ref for node in thing.nodes]
        elif thing.is_relation():
            inside = [(part.type, part.ref, part.role) for part in thing.members]
        asked.append((thing.type_str(), thing.id, {tag.k: tag.v for tag in thing.tags}, inside))
    assert told == asked
    assert len(told) == len(WORDS) + 4


def test_filters_pick_and_all_places_are_kept(file):
    with node_index() as index:
        picked = picked_objects(
            file,
            osmium.osm.NODE | osmium.osm.WAY,
            osmium.filter.KeyFilter("highway"),
            index=index,
        )
        assert [(kind, number) for kind, number, _, _ in picked] == [("w", 5)]
        places = index.places()
    assert places.ids.tolist() == [*range(1, len(WORDS) + 1), 100]
    assert (places.lon[1], places.lat[1], places.lon[-1]) == (0.5, -1.0, 7.0)


def test_of_several_values_of_a_key_the_first_counts():
    assert tags_of("highway=path,highway=steps,ref=%3d%") == {"ref": "=", "highway": "path"}
