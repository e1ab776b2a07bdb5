"""The kinds of faults that real inputs have, what becomes of each, and the tests that show it.

python tests/faults/classes.py        # every kind: its tests run, a line for each
python tests/faults/classes.py --page # the table of docs/faults.md
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

TESTS = Path(__file__).resolve().parents[1]


class FaultClass(NamedTuple):
    """A kind of fault."""

    group: str
    what: str
    becomes: str
    """What a user sees of it."""
    tests: tuple[str, ...]
    """Below tests/; a test with cases stands for all of them, or for the one in brackets."""


def _refused(*cases):
    """Cases that end with exit code 2, old results untouched."""
    name = "faults/test_refused.py::test_refused_with_the_place_and_a_fix_and_nothing_touched"
    return tuple(f"{name}[{case}]" for case in cases)


def _office(*cases):
    """The same of ledgers as offices send them."""
    return tuple(
        f"faults/test_office_ledgers.py::test_refused_with_the_place_and_a_fix[{case}]" for case in cases
    )


def _right(*names):
    """Tests of inputs that are read right."""
    return tuple(f"faults/test_read_right.py::test_{name}" for name in names)


def _told(*names):
    """Tests of inputs that are read in part, and remarked upon."""
    return tuple(f"faults/test_told.py::test_{name}" for name in names)


CLASSES = (
    FaultClass(
        "CRS",
        "missing",
        "refused",
        _refused("no system at all")
        + _office("a shapefile without its .prj", "GeoJSON in metres that says nothing"),
    ),
    FaultClass(
        "CRS",
        "wrong label",
        "refused: the layer lies elsewhere, or cannot lie in that system",
        _refused("the meridian of the next zone", "streets labelled with a plane, in degrees"),
    ),
    FaultClass(
        "CRS",
        "longitude and latitude exchanged",
        "refused; of single rows: left out and named",
        _refused("longitude and latitude exchanged", "streets with longitude and latitude exchanged")
        + _told("a_complete_ledger_that_loses_rows_is_complete_no_longer[1-_exchanged-swapped-rows]"),
    ),
    FaultClass(
        "CRS",
        "GCJ-02 or BD-09, undeclared",
        "refused where headings, codes or the fit to streets, buildings and outlines show it",
        _refused(
            "headings of AMap",
            "headings of Baidu",
            "codes of AMap",
            "places that fit after GCJ-02",
            "places that fit after BD-09",
            "a boundary that fits after GCJ-02",
            "townships that fit after GCJ-02",
            "short lists that fit after GCJ-02",
            "buildings that fit after GCJ-02",
        ),
    ),
    FaultClass(
        "CRS",
        "degrees as metres",
        "refused",
        _refused(
            "degrees said to be metres",
            "metres said to be degrees",
            "streets in metres labelled with degrees",
        ),
    ),
    FaultClass(
        "CRS",
        "eastings with the zone's number before them",
        "refused",
        _refused("the zone's number before eastings", "streets with the zone's number before eastings"),
    ),
    FaultClass(
        "CRS",
        "layers disagree",
        "brought together where each says its system; refused where one lies in another city",
        _right("layers_in_three_systems_of_one_datum_lie_where_they_lie")
        + _refused("communities of another city"),
    ),
    FaultClass(
        "bytes",
        "GBK without .cpg",
        "read right, the encoding told",
        _right("a_shapefile_in_gbk_without_its_cpg_keeps_its_names"),
    ),
    FaultClass(
        "bytes",
        "UTF-8 labelled GBK",
        "refused",
        _refused("UTF-8 said to be GBK", "a shapefile in UTF-8 said to be GBK"),
    ),
    FaultClass("bytes", "byte order mark", "read right", _right("a_byte_order_mark_is_no_part_of_a_heading")),
    FaultClass(
        "bytes",
        "truncated PBF, ZIP, TIFF",
        "refused",
        _refused(
            "a PBF cut short", "an archive cut short", "a raster cut short", "a raster cut within its head"
        ),
    ),
    FaultClass(
        "bytes",
        "zip bomb, zip slip",
        "refused; read into a folder of our own and nowhere else",
        _refused("an archive that unpacks to a thousand times its size")
        + _right("a_member_that_climbs_out_of_its_archive_is_written_nowhere"),
    ),
    FaultClass("bytes", "XML entity bomb", "refused", _refused("an entity bomb")),
    FaultClass("bytes", "missing .shx", "refused", _refused("no .shx")),
    FaultClass("bytes", "VRT disguised as .tif", "refused", _refused("a virtual raster named .tif")),
    FaultClass("bytes", "empty file", "refused", _refused("an empty file")),
    FaultClass(
        "bytes",
        "field names in UTF-8 cut within a character",
        "read right",
        _right("field_names_cut_within_a_character_leave_the_other_fields_readable"),
    ),
    FaultClass(
        "bytes",
        "FlatGeobuf whose writer was killed",
        "refused",
        _refused("a FlatGeobuf whose writer was ended", "a FlatGeobuf cut short", "streets without a row"),
    ),
    FaultClass(
        "geometry",
        "null, empty",
        "left out and named, the layer no longer complete; refused where no row is left",
        _refused("no shape in any row")
        + _told("a_complete_ledger_that_loses_rows_is_complete_no_longer[1-_blank-null-geometry]"),
    ),
    FaultClass(
        "geometry",
        "self-intersection",
        "repaired and named",
        _told("a_shape_that_crosses_itself_is_repaired_and_named"),
    ),
    FaultClass(
        "geometry",
        "duplicates",
        "told with their ground; facilities on one place and of one name counted once",
        _told(
            "two_equal_communities_are_told_and_not_a_crash",
            "doubles_are_told_by_distance_and_not_by_a_grid",
        ),
    ),
    FaultClass(
        "geometry",
        "mixed types",
        "what is no area is left out and named",
        _right("lines_and_points_among_communities_are_left_out_and_named"),
    ),
    FaultClass(
        "geometry",
        "Z, NaN coordinates",
        "heights dropped and counted; rows without a place left out and named",
        _right("heights_and_places_that_are_no_numbers_are_told_by_row")
        + _told("vertices_that_are_no_place_move_no_other_street"),
    ),
    FaultClass(
        "geometry",
        "overlapping or gapped communities",
        "told one by one, with area and place",
        _told("overlaps_gaps_and_slivers_are_measured_and_placed"),
    ),
    FaultClass(
        "values",
        "NaN, negative, infinite population",
        "refused; words for nothing are unknown, and told",
        _refused(
            "fewer than nobody",
            "infinitely many people",
            "negative counts",
            "infinite counts",
            "1e30 residents",
        )
        + _right("people_are_counted_however_they_were_typed[cells4-people4]"),
    ),
    FaultClass(
        "values",
        "full-width digits, 1,234, 1.2万",
        "read right",
        _right("people_are_counted_however_they_were_typed"),
    ),
    FaultClass(
        "values",
        "Excel's serial dates",
        "a date is its year; a bare number of days is refused",
        (
            *_refused("a year that is a number of days"),
            "faults/test_office_ledgers.py::test_a_day_where_a_year_is_asked_for_is_its_year",
        ),
    ),
    FaultClass(
        "values",
        "ids as floats, lost zeros",
        "restored, or told; refused where digits are gone",
        _right("codes_that_became_floats_or_lost_a_nought_are_restored_or_told")
        + _refused("codes that lost digits"),
    ),
    FaultClass(
        "values",
        "duplicate ids",
        "refused where they lie apart; one place, and told, where they do not",
        _refused("a code twice", "one id far apart")
        + _told("one_id_a_few_metres_apart_is_one_place_and_said"),
    ),
    FaultClass(
        "values",
        "variants of names",
        "a table of them is written, edited and read back",
        (
            "faults/test_names.py::test_names_are_suggested_edited_and_read_back",
            "faults/test_names.py::test_a_name_in_traditional_signs_is_suggested_and_read_back",
        ),
    ),
    FaultClass(
        "network",
        "disconnected",
        "told with share, gap and place",
        _told(
            "streets_that_join_nothing_else_are_told_with_the_place",
            "streets_of_which_none_joins_another_are_told_with_the_place",
        ),
    ),
    FaultClass(
        "network", "one-way on foot", "walked both ways", _right("a_one_way_street_is_walked_both_ways")
    ),
    FaultClass(
        "network",
        "loops, parallel, without length, NaN",
        "change no way; counted",
        _right("loops_doubles_and_pieces_without_length_change_no_way"),
    ),
    FaultClass(
        "network",
        "a facility far outside",
        "left out and named, the ledger no longer complete",
        _told("a_complete_ledger_that_loses_rows_is_complete_no_longer[1-_typing_error-rows-astray]"),
    ),
    FaultClass(
        "network",
        "boundary clipped too tightly",
        "the units at the edge are flagged, their verdicts provisional",
        _right("streets_that_end_at_the_boundary_flag_every_community_at_the_edge"),
    ),
    FaultClass(
        "network",
        "all facilities on one place",
        "as many as their names",
        _right("facilities_on_one_spot_are_as_many_as_their_names"),
    ),
    FaultClass(
        "raster",
        "huge extent in a tiny file",
        "read where the study lies",
        _right("a_raster_of_half_the_earth_in_a_tiny_file_is_read_where_the_town_lies"),
    ),
    FaultClass(
        "raster",
        "nodata absent, 0, -99999",
        "nobody; told where it is not declared",
        _right("nobody_is_nobody_however_a_raster_says_it")
        + _told("a_value_for_nothing_that_is_not_declared_is_nobody_and_said"),
    ),
    FaultClass(
        "raster",
        "density for count",
        "refused",
        _refused("densities beside the communities' figures", "a band of densities"),
    ),
    FaultClass(
        "raster",
        "counts resampled",
        "told with both figures",
        _right("counts_cut_into_four_without_being_divided_are_told_with_both_figures"),
    ),
    FaultClass(
        "output",
        "formulas in workbooks and CSV",
        "text",
        (
            *_right("names_that_are_formulas_or_markup_stay_names_in_every_result"),
            "outputs/workbook/test_deficits.py::test_text_that_would_be_a_formula_is_quoted",
        ),
    ),
    FaultClass(
        "output",
        "injection into maps, page, Word and terminal",
        "text",
        (
            "outputs/web_map/test_gap_map_browser.py::test_hostile_names_run_nothing_and_show_as_they_are",
            "outputs/report/test_docx.py::test_hostile_names_are_text_and_the_file_stays_whole",
            "serve/test_hostile_names.py",
            *_right("outside_words_do_not_steer_the_terminal_and_programs_get_them_whole"),
        ),
    ),
    FaultClass("output", "../ in a study file", "refused", _refused("a path out of the folder")),
    FaultClass(
        "output",
        "kill -9 while writing",
        "old results or new ones, whole; the next command clears up",
        (
            "cli/test_interrupted.py::test_old_results_stay_byte_for_byte_and_the_next_run_clears_up",
            "cli/test_interrupted.py::test_whenever_a_writer_is_killed_old_or_new_results_are_whole",
        ),
    ),
    FaultClass(
        "output",
        "disk full, read-only",
        "told, old results untouched",
        (
            "outputs/test_folder.py::test_a_full_disk_is_told_whatever_a_writer_raises",
            "outputs/test_file.py::test_whatever_a_writer_raises_on_a_bad_disk_is_told_and_the_old_file_stays",
            "cli/test_bad_input.py::test_a_read_only_folder_is_refused_before_the_work",
        ),
    ),
    FaultClass(
        "output",
        "two runs in one folder",
        "the second is refused before it computes",
        (
            "outputs/test_folder.py::test_a_second_run_in_the_same_folder_is_refused",
            "outputs/test_folder.py::test_a_second_run_is_refused_also_where_the_first_ones_lock_is_gone",
        ),
    ),
    FaultClass(
        "output",
        "resumed after a change of settings",
        "nothing of the former run is used: results are replaced whole, a kept network goes by its content",
        ("cli/test_cache.py", "outputs/test_folder.py::test_new_results_take_the_place_of_old_ones"),
    ),
    FaultClass(
        "output",
        "locale C, Windows console, Chinese paths",
        "read and told as far as the console has signs",
        _right(
            "a_terminal_of_few_signs_is_told_as_much_as_it_can_show",
            "a_path_that_the_locale_has_no_signs_for_is_refused_with_the_way_out",
        ),
    ),
)


def table():
    """The classes as a table of Markdown."""
    lines = ["| group | kind | what becomes of it | tests |", "|---|---|---|---|"]
    for one in CLASSES:
        files = dict.fromkeys(test.split("::", maxsplit=1)[0] for test in one.tests)
        lines.append(
            f"| {one.group} | {one.what} | {one.becomes} | {', '.join(f'`{file}`' for file in files)} |"
        )
    return "\n".join(lines) + "\n"


def run():
    """Outcomes of the tests of every class, by node id as pytest's report spells it."""
    wanted = dict.fromkeys(str(TESTS / test) for one in CLASSES for test in one.tests)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
        subprocess.run([*words, *wanted], cwd=TESTS.parent, check=False, stdout=subprocess.DEVNULL)
        cases = ET.parse(report).iter("testcase")  # noqa: S314  # pytest wrote it
        outcomes = {}
        for case in cases:
            file = case.get("classname").removeprefix("tests.").replace(".", "/") + ".py"
            bad = next((one.tag for one in case if one.tag in {"failure", "error", "skipped"}), "passed")
            outcomes[f"{file}::{case.get('name')}"] = bad
    return outcomes


def main():
    """Print a line for each class; 1 where any of its tests did not pass."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", action="store_true", help="print the table of docs/faults.md")
    if parser.parse_args().page:
        sys.stdout.write(table())
        return 0
    outcomes, failed = run(), 0
    for number, one in enumerate(CLASSES, 1):
        mine = [
            outcome
            for name, outcome in outcomes.items()
            if any(name == test or name.startswith((f"{test}[", f"{test}::")) for test in one.tests)
        ]
        passed = mine.count("passed")
        good = passed > 0 and passed + mine.count("skipped") == len(mine)
        failed += not good
        verdict = "pass" if good else "FAIL"
        sys.stdout.write(
            f"{number:2} {verdict} {one.group}: {one.what} - {one.becomes} ({passed} of {len(mine)} tests)\n"
        )
    sys.stdout.write(f"{len(CLASSES) - failed} of {len(CLASSES)}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
