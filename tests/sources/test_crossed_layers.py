"""Layers that are sound each alone and lie across each other like two combs are refused, both named."""

import numpy as np
import pytest
import shapely
from drawn_extract import DrawnExtract
from hard_shapes import overlapping_combs
from own_plans import circle, own_plan
from small_study import lattice, study_text, write_layer, write_two_communities

from lifecircle.errors import InputError
from lifecircle.sources import crossed_layers, read_inputs
from lifecircle.sources.crossed_layers import LargeShapes, refuse_crossed_layers
from lifecircle.sources.files import tangles
from lifecircle.sources.files.tangles import sides_of
from lifecircle.study import Study

TEETH = 5_500
LEDGER = '\n[[facilities]]\nsource = "ledger.csv"\nservice = "library"\n'


@pytest.fixture
def village(tmp_path, monkeypatch):
    """Two communities and streets; what crosses in a million places is refused."""
    write_two_communities(tmp_path)
    (tmp_path / "ledger.csv").write_text("id,lon,lat\nA,114.503,38.003\n", encoding="utf-8")
    (tmp_path / "own.toml").write_text(own_plan(circle("c", "library", everywhere=True)), encoding="utf-8")
    monkeypatch.setattr(crossed_layers, "CROSSINGS_LIMIT", 1_000_000)
    return tmp_path


def faults(folder, text):
    """Key, file, row and other file of every fault."""
    (folder / "study.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_inputs(Study.from_file(folder / "study.toml"), cutoff_m=1000.0)
    names = ((fault.file, fault.values["other"]) for fault in caught.value.faults)
    told = [tuple(name.rpartition("/")[2] for name in pair) for pair in names]
    return [(fault.key, fault.row, *pair) for fault, pair in zip(caught.value.faults, told, strict=True)]


def test_a_boundary_across_communities_is_refused(village):
    upright, lying = overlapping_combs(TEETH)
    write_layer(village / "boundary.gpkg", [upright])
    write_layer(village / "communities.gpkg", [lying], code=["130102001001"], name=["甲社区"])
    text = study_text("v", LEDGER).replace("[area]\n", '[area]\nboundary = "boundary.gpkg"\n')
    told = [("layers-tangled", "", "boundary.gpkg", "communities.gpkg")]
    assert faults(village, text) == told


def test_streets_across_communities_are_refused(village):
    upright, lying = overlapping_combs(TEETH)
    write_layer(
        village / "communities.gpkg", [upright], code=["130102001001"], name=["甲社区"], population=[900]
    )
    ticks = np.arange(-2000, 4001, 250.0)
    write_layer(village / "streets.gpkg", [*lattice(ticks, ticks), shapely.boundary(lying)])
    told = [("layers-tangled", "1 (130102001001)", "communities.gpkg", "streets.gpkg")]
    assert faults(village, study_text("v", LEDGER)) == told


def test_layers_that_share_their_outlines_are_sound():
    upright = sides_of(overlapping_combs()[0])
    refuse_crossed_layers([LargeShapes("a.gpkg", ["1"], upright), LargeShapes("b.gpkg", ["1"], upright)])


def test_water_of_an_extract_that_crosses_other_water_is_refused_by_its_ids(village, monkeypatch):
    monkeypatch.setattr(tangles, "CROSSINGS_LIMIT", 1_000_000)
    extract, ticks = DrawnExtract(), np.arange(-2000, 4001, 250.0)
    for line in lattice(ticks, ticks):
        extract.add_way(line, highway="residential")
    for comb in overlapping_combs(TEETH):
        extract.add_relation([comb.exterior], {"type": "multipolygon", "natural": "water"})
    extract.write(village / "streets.osm.pbf")
    (village / "study.toml").write_text(study_text("v", LEDGER).replace("streets.gpkg", "streets.osm.pbf"))
    with pytest.raises(InputError) as caught:
        read_inputs(Study.from_file(village / "study.toml"), cutoff_m=1000.0)
    (fault,) = caught.value.faults
    assert (fault.key, fault.row, fault.file[-15:]) == ("shape-tangled", "r1, r2", "streets.osm.pbf")
