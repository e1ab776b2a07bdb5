"""Downloads from loopback servers that answer like Overpass and Nominatim: well, late, cut short, never."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import osmnx
import pytest
import shapely

import lifecircle as lc
from lifecircle.errors import InputError
from lifecircle.sources.osm.download import OsmServers, date_of_data, download_extract, find_place
from lifecircle.study.quick import study_toml

TOWN = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="stand-in">
<meta osm_base="2026-02-03T04:05:06Z"/>
<node id="1" lon="110.000" lat="20.000"/><node id="2" lon="110.010" lat="20.000"/>
<node id="3" lon="110.020" lat="20.000"/>
<node id="4" lon="110.0105" lat="20.0001"><tag k="amenity" v="pharmacy"/><tag k="name" v="百草堂"/></node>
<node id="5" lon="110.001" lat="20.0002"/><node id="6" lon="110.0012" lat="20.0002"/>
<node id="7" lon="110.0012" lat="20.0004"/>
<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
<way id="2"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="5"/><tag k="building" v="apartments"/></way>
</osm>
"""
GROUND = shapely.box(110.0004, 19.9954, 110.0196, 20.0046)


@dataclass
class StandIn:
    """What a server answers, one status and body after the other (the last for ever), and was asked."""

    answers: list[tuple[int, str]]
    asked: list[str] = field(default_factory=list)
    cut_at: int | None = None
    silent_s: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)

    def next(self) -> tuple[int, str]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serving(stand_in: StandIn):
    """The address of a server on loopback."""

    class Answer(BaseHTTPRequestHandler):
        def answer(self):
            length = int(self.headers.get("Content-Length") or 0)
            stand_in.asked.append(f"{self.path} {self.rfile.read(length).decode()}")
            threading.Event().wait(stand_in.silent_s)
            status, body = stand_in.next()
            content = body.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            for name, value in stand_in.headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):  # who has given up hangs up
                self.wfile.write(content[: stand_in.cut_at])

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def asking(address):
    """Impatient clients of one server."""
    return OsmServers(overpass=address, nominatim=address, timeout_s=5.0, waits_s=(0.0, 0.0))


def test_a_box_is_asked_for_once_and_kept(tmp_path):
    overpass = StandIn([(200, TOWN)])
    with serving(overpass) as address:
        first = download_extract(GROUND, folder=tmp_path, servers=asking(address))
        nearly = shapely.box(*(edge + 1e-5 for edge in GROUND.bounds))
        second = download_extract(nearly, folder=tmp_path, servers=asking(address))
    assert first == second
    assert first.read_text(encoding="utf-8") == TOWN
    assert date_of_data(first) == "2026-02-03T04:05:06Z"
    (question,) = overpass.asked
    assert "/interpreter" in question
    assert "19.995%2C110.000%2C20.005%2C110.020" in question


def test_a_box_that_no_public_server_should_be_asked_for_is_refused_before_it_is(tmp_path):
    overpass = StandIn([(200, TOWN)])
    with serving(overpass) as address, pytest.raises(InputError) as caught:
        download_extract(shapely.box(110, 20, 110.6, 20.6), folder=tmp_path, servers=asking(address))
    assert [fault.key for fault in caught.value.faults] == ["download-too-large"]
    assert "2,500" in caught.value.render("en")
    assert not overpass.asked


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_anew(tmp_path, status):
    overpass = StandIn([(status, "later"), (status, "later"), (200, TOWN)])
    with serving(overpass) as address:
        download_extract(GROUND, folder=tmp_path, servers=asking(address))
    assert len(overpass.asked) == 3


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((429, "later"), "status 429"),
        ((400, "what?"), "400"),
        ((200, TOWN.replace("</osm>", "")), "ends early"),
        (
            (200, TOWN.replace("</osm>", "<remark> runtime error: Query timed out</remark></osm>")),
            "Query timed out",
        ),
    ],
)
def test_what_cannot_be_used_is_one_fault_and_leaves_nothing(tmp_path, answer, words):
    with serving(StandIn([answer])) as address, pytest.raises(InputError, match=words) as caught:
        download_extract(GROUND, folder=tmp_path, servers=asking(address))
    assert "geofabrik" in caught.value.render("en")
    assert "geofabrik" in caught.value.render("zh")
    assert not list(tmp_path.glob("*.osm"))


def test_an_answer_cut_on_the_way_is_asked_for_anew_and_then_refused(tmp_path):
    overpass = StandIn([(200, TOWN)], cut_at=200)
    with serving(overpass) as address, pytest.raises(InputError, match="could be downloaded"):
        download_extract(GROUND, folder=tmp_path, servers=asking(address))
    assert len(overpass.asked) == 3
    assert not list(tmp_path.glob("*.osm"))


def test_without_a_connection_the_fix_is_a_file(tmp_path):
    with pytest.raises(InputError, match="name the file"):
        download_extract(GROUND, folder=tmp_path, servers=asking("http://127.0.0.1:9"))


def test_a_server_that_never_answers_is_given_up(tmp_path):
    overpass = StandIn([(200, TOWN)], silent_s=0.6)
    with serving(overpass) as address:
        impatient = replace(asking(address), timeout_s=0.1)
        with pytest.raises(InputError, match="timed out") as caught:
            download_extract(GROUND, folder=tmp_path, servers=impatient)
    assert "geofabrik" in caught.value.render("zh")
    assert len(overpass.asked) == 3
    assert not list(tmp_path.glob("*.osm"))


@pytest.mark.usefixtures("_own_cache")
def test_a_place_without_a_connection_is_one_fault_with_the_way_out():
    with pytest.raises(InputError) as caught:
        find_place("Town", servers=asking("http://127.0.0.1:9"))
    (fault,) = caught.value.faults
    assert fault.remedy("en")
    assert fault.remedy("zh")


def test_a_province_is_refused_with_the_way_to_an_extract(tmp_path):
    with pytest.raises(InputError, match=r"2,500 km²") as caught:
        download_extract(shapely.box(108.6, 18.1, 111.1, 20.2), folder=tmp_path, servers=asking("http://x"))
    assert "download.geofabrik.de" in caught.value.render("zh")


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(InputError, match="file"):
        download_extract(GROUND, folder=tmp_path / "file", servers=asking("http://127.0.0.1:9"))


def answer(geometry, **more):
    """Nominatim's answer."""
    west, south, east, north = GROUND.bounds
    return json.dumps(
        [
            {
                "place_id": 1,
                "importance": 0.5,
                "osm_type": "relation",
                "osm_id": 7,
                "lat": "20.0",
                "lon": "110.01",
                "display_name": "Town",
                "boundingbox": [str(south), str(north), str(west), str(east)],
                "geojson": shapely.geometry.mapping(geometry),
                **more,
            }
        ]
    )


@pytest.fixture
def _own_cache(tmp_path, monkeypatch):
    """The user's cache folder, empty; osmnx's settings as they were."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LIFECIRCLE_CACHE", str(tmp_path / "kept"))
    monkeypatch.setattr(osmnx.settings, "cache_folder", str(tmp_path / "osmnx"))


@pytest.mark.usefixtures("_own_cache")
def test_a_place_is_the_area_of_its_name():
    with serving(StandIn([(200, answer(GROUND))])) as address:
        before = osmnx.settings.nominatim_url
        place = find_place("Town", servers=asking(address))
    assert place.geometry.iloc[0].equals(GROUND)
    assert place["name"].tolist() == ["Town"]
    assert osmnx.settings.nominatim_url == before


@pytest.mark.usefixtures("_own_cache")
@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([(200, answer(shapely.Point(110.01, 20.0)))], "no area named"),
        ([(200, "[]")], "no area named"),
        ([(504, "later")], "status 504"),
        ([(429, "later")], "status 429"),
        ([(200, "no json")], "no area named"),
    ],
)
def test_a_place_that_is_no_area_or_a_server_that_does_not_answer(answers, words):
    with serving(StandIn(answers)) as address, pytest.raises(InputError, match=words):
        find_place("Town", servers=asking(address))


@pytest.mark.usefixtures("_own_cache")
def test_a_study_of_a_place_alone_has_streets_facilities_and_buildings(tmp_path, monkeypatch):
    town = [(200, TOWN)]
    with serving(StandIn(town)) as overpass, serving(StandIn([(200, answer(GROUND))])) as nominatim:
        servers = replace(asking(overpass), nominatim=nominatim)
        monkeypatch.setattr("lifecircle.sources.osm.download.osm_servers", lambda: servers)
        study = lc.quick_study(
            None, "osm", ["mofcom-circle-2021"], place="Town", output=tmp_path, grid="square:500m"
        )
        inputs = lc.check(study)
    assert inputs.facilities["name"].tolist() == ["百草堂"]
    assert inputs.streets.highways[inputs.streets.highway[0]] == "residential"
    remarks = inputs.quality.set_index("remark")
    assert remarks.loc["osm-downloaded", "value"] == "2026-02-03T04:05:06Z"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_study_file_of_a_place_asks_for_it_anew_in_the_same_language(tmp_path, monkeypatch, lang):
    monkeypatch.setenv("LIFECIRCLE_LANG", lang)
    made = lc.quick_study(None, "osm", ["mofcom-circle-2021"], place="Town", output=tmp_path)
    file = tmp_path / "study.toml"
    file.write_text(study_toml(made, tmp_path), encoding="utf-8")
    monkeypatch.delenv("LIFECIRCLE_LANG")
    second = lc.Study.from_file(file, allow_outside=True)
    assert f'language = "{lang}"' in file.read_text(encoding="utf-8")
    assert second.study.language == lang
    assert (second.area.place, second.area.boundary, second.streets.source) == ("Town", None, "osm")
