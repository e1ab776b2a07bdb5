"""The catalogue of services, and what a tag or a code stands for."""

from __future__ import annotations

import re
import warnings

import pytest
from shared_data import DATA

from lifecircle import services
from lifecircle.errors import InputError

AMAP_TABLE = DATA / "amap" / "amap_poicode.xlsx"


@pytest.fixture(scope="module")
def amap_names() -> dict[str, str]:
    """AMap's own table of classes: code to the name of the finest class."""
    if not AMAP_TABLE.is_file():
        pytest.skip("AMap's table of codes (../shared/data/amap) is not on this machine")
    import openpyxl  # noqa: PLC0415 - only where the table is

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # openpyxl on the table's header and extensions
        book = openpyxl.load_workbook(AMAP_TABLE, read_only=True)
        rows = list(book["POI分类与编码（中英文）"].iter_rows(min_row=2, values_only=True))
        book.close()
    return {str(row[1]): row[4] for row in rows if row[1]}


def test_every_service_is_named_in_both_languages_and_sorted_into_a_known_group():
    for result in services.catalogue().values():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", result.id)
        assert re.search(r"[\u4e00-\u9fff]", result.zh), result.id
        assert re.search(r"[A-Za-z]", result.en), result.id
        assert not re.search(r"[\u4e00-\u9fff]", result.en), result.id
        assert result.group in services.GROUPS, result.id


def test_names_are_not_used_twice():
    for language in ("zh", "en"):
        names = [getattr(result, language) for result in services.catalogue().values()]
        assert len(names) == len(set(names))


def test_the_twelve_basic_types_are_there_and_two_have_no_class_of_amap_s():
    basic = services.in_group("basic-guarantee")
    assert len(basic) == 12
    assert [name for name in basic if not services.service(name).amap] == ["fresh-food-shop", "housekeeping"]
    assert all(services.service(name).osm for name in basic)


def test_every_code_is_one_of_amap_s(amap_names):
    for result in services.catalogue().values():
        assert set(result.amap) | set(result.amap_except) <= set(amap_names), result.id


def test_an_exception_lies_within_what_it_is_an_exception_to():
    for result in services.catalogue().values():
        for code in result.amap_except:
            assert any(code[:4] == whole[:4] for whole in result.amap), result.id
            assert result.id not in services.amap_services(code)


def test_a_code_covers_what_lies_below_it_and_not_what_lies_above():
    assert services.amap_services("080108") == ("sports-ground",)
    assert services.amap_services("080100") == ("sports-ground",)
    assert services.amap_services("080000") == ()
    assert services.amap_services("050117") == ("specialty-restaurant",)


def test_a_shop_that_is_only_filed_under_supermarkets_is_none():
    assert services.amap_services("060402") == ("supermarket",)
    assert services.amap_services("060411") == ()


def test_classes_that_only_sound_like_a_service_stand_for_none(amap_names):
    """Fruit traders, infants' pools, warehouses, AMap's headings of classes; and a clinic is no station."""
    assert amap_names["090300"] == "诊所"
    assert services.amap_services("090300") == ("village-clinic",)
    assert amap_names["060704"] == "果品市场"
    for code in ("060704", "060700", "072001", "070501", "060411", "141200", "090000"):
        assert services.amap_services(code) == (), amap_names[code]


def test_every_class_that_amap_files_under_a_service_is_known_by_name(amap_names):
    """The number of AMap's 869 classes under each service that is counted against a plan's people."""
    covered = {
        name: [amap_names[code] for code in amap_names if name in services.amap_services(code)]
        for name in ("food-market", "health-centre", "hospital", "pharmacy", "library", "kindergarten")
    }
    assert covered["food-market"] == ["农副产品市场", "蔬菜市场", "水产海鲜市场"]
    assert covered["health-centre"] == ["卫生院"]
    assert covered["pharmacy"] == ["药房"]
    assert covered["library"] == ["图书馆"]
    assert covered["kindergarten"] == ["幼儿园"]
    assert "整形美容" not in covered["hospital"]
    assert len(covered["hospital"]) == 13


def test_a_place_of_several_codes_offers_the_services_of_each():
    assert services.amap_services("060200|090601") == ("convenience-store", "pharmacy")
    assert services.amap_services("") == ()
    assert services.amap_services("060411|060400") == ("supermarket",)


def test_one_tag_may_stand_for_several_services():
    clinic = [name for name, tests in services.osm_tests().items() if {"amenity": {"clinic"}} in tests]
    assert clinic == ["health-station"]
    fitness = [
        name for name, tests in services.osm_tests().items() if _holds(tests, leisure="fitness_centre")
    ]
    assert fitness == ["fitness-club", "sports-ground"]


def test_a_test_of_two_keys_needs_both():
    tests = services.osm_tests()["home-care"]
    assert not _holds(tests, amenity="social_facility", social_facility="day_care")
    assert _holds(
        tests,
        **{"amenity": "social_facility", "social_facility": "day_care", "social_facility:for": "senior"},
    )


def test_a_star_asks_for_the_key_with_any_value():
    tests = services.osm_tests()["sports-park"]
    assert _holds(tests, leisure="park", sport="soccer")
    assert not _holds(tests, leisure="park")


def test_keys_are_those_the_tests_look_at():
    looked_at = {key for tests in services.osm_tests().values() for test in tests for key in test}
    assert services.osm_keys() == looked_at
    assert {"amenity", "shop", "leisure", "social_facility:for"} <= looked_at


def test_no_test_is_empty_and_no_value_is_blank():
    for name, tests in services.osm_tests().items():
        assert tests, name
        for test in tests:
            assert test, name
            assert all(values == services.ANY or (values and "" not in values) for values in test.values())


def test_a_service_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="health-station") as caught:
        services.service("helth-station")
    assert "服务目录中没有“helth-station”" in caught.value.render("zh")


def test_a_name_like_nothing_is_answered_with_all_of_a_short_list():
    assert services.nearest("xyz", ["b", "a"]) == "a, b"
    assert len(services.nearest("xyz", services.catalogue()).split(", ")) == 3


def test_the_catalogue_cannot_be_changed_by_a_reader():
    with pytest.raises(TypeError):
        services.catalogue()["cafe"] = None  # type: ignore[index]


def _holds(tests, **tags: str) -> bool:
    """Whether a place of these tags passes any test: the definition, read word for word."""
    return any(
        all(key in tags and (values == "*" or tags[key] in values) for key, values in test.items())
        for test in tests
    )


def _marked_by(**tags: str) -> list[str]:
    """Services that a place of these tags offers."""
    return [name for name, tests in services.osm_tests().items() if _holds(tests, **tags)]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("clinic", "health-centre"),
        ("Clinics", "primary-care"),
        ("bus stop", "public-transport-stop"),
        ("bus_stop", "public-transport-stop"),
        ("parks", "park"),
        ("elementary school", "primary-school"),
        ("grocery", "food-shop"),
        ("post office", "post-express"),
        ("公交站", "public-transport-stop"),
        ("Public library", "library"),
    ],
)
def test_a_near_miss_is_understood_by_its_meaning(word, meant):
    with pytest.raises(InputError) as error:
        services.service(word)
    assert meant in error.value.faults[0].values["nearest"].split(", ")


def test_a_word_that_means_nothing_is_held_against_how_ids_look():
    assert "kindergarten" in services.nearest("kindergaten", services.catalogue())


def test_everyday_places_are_in_the_catalogue_and_read_only_where_they_are_named():
    everyday = {
        *("food-shop", "pharmacy", "primary-school", "kindergarten", "primary-care", "park", "green-space"),
        *("public-transport-stop", "playground", "library", "restaurant"),
    }
    assert everyday <= set(services.osm_tests())
    assert not {"park", "green-space", "public-transport-stop"} & services.usual_services()
    assert {"pharmacy", "library", "kindergarten"} <= services.usual_services()
