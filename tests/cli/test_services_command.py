"""``lifecircle services``: the catalogue on the terminal."""

from __future__ import annotations

import json

import pytest

from lifecircle.cli.app import main
from lifecircle.services import catalogue


def said(capsys, *arguments):
    """Exit code, output and complaints of a command."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["lifecircle", "services", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
    shown = capsys.readouterr()
    return end.value.code or 0, shown.out, shown.err


def test_every_service_is_listed_with_its_names_tags_and_codes(capsys):
    code, out, _ = said(capsys, "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [row["id"] for row in rows] == list(catalogue())
    pharmacy = next(row for row in rows if row["id"] == "pharmacy")
    assert (pharmacy["zh"], pharmacy["en"]) == ("药店", "Pharmacy")
    assert "amenity=pharmacy" in pharmacy["osm"]
    assert pharmacy["amap"] == ["090601"]


def test_a_list_for_another_program_has_a_service_a_line(capsys):
    """Where output is no terminal the table is wide: names cut in two escape grep."""
    _, out, _ = said(capsys, "--lang", "en")
    (row,) = [line for line in out.splitlines() if " convenience-store " in line]
    assert "Convenience store" in row


def test_one_service_is_told_in_full_in_the_language_asked_for(capsys):
    code, out, _ = said(capsys, "park", "--lang", "zh")
    assert code == 0
    assert "公园" in out
    assert "leisure=park" in out


def test_an_unknown_service_names_those_that_mean_the_same(capsys):
    code, _, complaint = said(capsys, "clinic")
    assert code == 2
    assert "health-centre" in complaint


def test_services_of_a_study_are_listed_beside_them(capsys, tmp_path):
    file = tmp_path / "study.toml"
    file.write_text(
        '[study]\nname = "T"\nplans = ["mofcom-grades-2025"]\n[area]\nboundary = "b.geojson"\n'
        '[streets]\nsource = "s.osm.pbf"\n'
        '[[services]]\nid = "tea-house"\nzh = "茶馆"\nen = "Tea house"\n'
        'osm = ["amenity=cafe & cuisine=tea"]\n',
        encoding="utf-8",
    )
    code, out, _ = said(capsys, "tea-house", "--study", str(file), "--lang", "en")
    assert code == 0
    assert "Tea house" in out
    assert "cuisine=tea" in out
