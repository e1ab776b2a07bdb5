"""How sure the demo's map is: other settings, missing data, rules of two plans or of two levels."""

import re
from itertools import accumulate

import pytest
from browser_pages import number
from demo_page import as_opened, choose, own, verdicts, wide

from lifecircle.messages import text
from lifecircle.outputs.words import setting_words

pytestmark = pytest.mark.browser

TWO_LEVELS = ("zhuhai-2021", "zhuhai-yuezhizhu-full-coverage")
CIRCLES = ("hainan-2022", "hainan-premium-convenience-circles")


@pytest.fixture(scope="module")
def told(demo_run):
    return verdicts(demo_run.deficits())


def of(told, rule):
    """Findings of one rule."""
    return told[(told["plan"] == rule[0]) & (told["rule"] == rule[1])]


def judged(told, rule):
    """Verdicts of a rule on communities and villages."""
    rows = own(of(told, rule))
    return rows[rows["status"].isin(["met", "short"])]


def panel_of(page, rule, lang="zh"):
    """The panel of the city under a rule."""
    choose(page, rule=list(rule), community=None, township=None, facility=None, tab="place", lang=lang)
    return page.locator("#place")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_how_many_verdicts_another_setting_turns_stands_on_the_home_page_and_under_the_rule(page, told, lang):
    """Counted from the table: by a threshold of ours and turned by a setting, of all with a verdict."""
    headlines = page.evaluate(
        "lifecircle.data.headlines.map(one => lifecircle.data.themes[one.theme]).map(t => [t.plan, t.rule])"
    )
    choose(page, lang=lang)
    page.locator("#headline .sure summary").click()
    lines = page.locator("#headline .sure li").all_inner_texts()
    turned = 0
    for rule in headlines:
        rows = judged(told, rule)
        turning = rows[(rows["certainty"] == "assumed") & (rows["turns_at"] != "")]
        said = panel_of(page, rule, lang).locator(".unsure").all_inner_texts()
        if turning.empty:
            continue
        turned += 1
        # an urban rule is about communities, one on town and country about villages as well
        units = "社区" if set(rows["level"]) == {"community"} else "社区（村）"
        words = {
            "zh": f"{len(rows)}个{units}中有{len(turning)}个",
            "en": f"{len(turning)} of {len(rows)} communities",
        }
        often = turning["turns_at"].str.split("; ").explode().value_counts().index[0]
        title = page.locator("#place h2").inner_text()
        assert words[lang] in said[0]
        assert setting_words(often, lang) in said[0]
        assert any(line.startswith(title) and words[lang] in line for line in lines)
    assert turned >= 2
    as_opened(page)


def test_the_summary_of_sureness_counts_every_headline_target_once(page):
    said = page.locator("#headline .sure summary").inner_text()
    counts = [int(one) for one in re.findall(r"(\d+)项", said)]
    assert sum(counts) == page.evaluate("lifecircle.data.headlines.length")


def test_a_rule_about_townships_and_communities_tells_of_each_level_on_its_own(page, told):
    """1 township and 20 communities are neither 21 communities nor one."""
    rows = of(told, TWO_LEVELS)
    short = rows[rows["status"] == "short"]
    communities = short["level"].isin(["community", "village"]).sum()
    townships = (short["level"] == "township").sum()
    assert (communities, townships) == (20, 1)
    place = panel_of(page, TWO_LEVELS)
    chips = dict(chip.rsplit(" ", 1) for chip in place.locator(".chip").all_inner_texts())
    assert int(chips[text("map.variant.of-communities", "zh")]) == communities
    assert int(chips[text("map.variant.of-townships", "zh")]) == townships
    whole = place.locator(".verdicts .verdict").first.inner_text()
    assert f"{townships}个乡镇（街道）" in whole
    assert f"{communities}个社区（村）" in whole
    assert str(communities + townships) not in whole


def test_a_total_of_the_province_is_told_without_a_shortfall_and_no_list_is_cut_in_silence(
    page, told, demo_run
):
    """19 circles of the city, of 200 in the province. Of 77 circles some are in the workbook alone."""
    rows = of(told, CIRCLES)
    (city,) = wide(rows).to_dict("records")
    circles = demo_run.deficits().query("rule == @CIRCLES[1] and level == 'life-circle'")
    place = panel_of(page, CIRCLES)
    line = place.locator(".verdicts .verdict").first.inner_text()
    assert text("status.not-applicable", "zh") in line
    assert f"现状{city['value']:.0f}个生活圈" in line
    assert f"{city['target']:.0f}为规划对全省设定的总数" in line
    assert "尚缺" not in line
    listed = place.locator(".verdicts .verdict").count() - 1
    left_out = number(place.locator("p.note", has_text="未在此列出").inner_text())
    assert listed + left_out == len(circles)


def test_a_circle_or_an_estate_of_a_list_is_shown_on_the_map_and_the_legend_has_its_ring(page):
    place = panel_of(page, CIRCLES)
    before = page.evaluate("lifecircle.map.getZoom()")
    place.locator(".verdicts .link").first.click()
    assert page.evaluate("lifecircle.map.getZoom()") > before
    assert text("map.legend.pointed", "zh") in page.locator("#point-legend").inner_text()


def test_titles_that_two_plans_share_name_the_place_of_the_plan(page):
    shared = page.evaluate(
        """() => { const all = lifecircle.data.plans.flatMap(p => Object.entries(p.rules).map(
            ([rule, about]) => [p.id, rule, about.title.zh]));
        return all.filter(one => all.some(other => other[0] !== one[0] && other[2] === one[2])); }"""
    )
    assert len(shared) > 10
    heads = set()
    for plan, rule, title in shared:
        head = page.evaluate(
            "([p, r]) => lifecircle.ruleTitle("
            "lifecircle.data.themes.find(t => t.plan === p && t.rule === r))",
            [plan, rule],
        )
        assert head.startswith(title + "（")
        heads.add(head)
    assert len(heads) == len(shared)


def test_first_sites_are_in_the_order_of_the_residents_they_bring_within_reach(page):
    lines = [one for one in page.locator("#headline .first").all_inner_texts() if "+" in one]
    gains = [number(re.search(r"\+([\d,]+)人", line)[1]) for line in lines]
    assert len(gains) > 1
    assert gains == sorted(gains, reverse=True)


def test_a_community_found_by_search_says_under_which_rule_it_is_told_and_leads_to_the_others(page):
    page.fill("#search-input", "祥洲社区居委会")
    page.keyboard.press("Enter")
    line = page.locator("#place .under-rule")
    assert page.evaluate("lifecircle.ruleTitle(lifecircle.state.theme)") in line.inner_text()
    line.locator("button").click()
    assert page.evaluate("document.activeElement.id") == "rule-search"


ANOTHER_OF_COMMUNITIES = """(() => { const app = lifecircle, judges = theme => theme.level === 'community'
    && app.judgedLevel(theme) === 'community' && !app.sameRule(theme, app.state.theme);
    return String(app.data.headlines.map(one => one.theme).find(at => judges(app.data.themes[at]))); })()"""


def test_a_divided_map_has_the_colours_of_both_rules_in_its_legend(page):
    page.select_option("#against-select", page.evaluate(ANOTHER_OF_COMMUNITIES))
    groups = page.evaluate(
        """() => [...document.querySelectorAll('#legend .side-part')].map(part => [
            part.querySelector('.side-title').textContent,
            [...part.querySelectorAll('.tally')].map(tally => Number(tally.textContent))])"""
    )
    count = page.evaluate("lifecircle.data.communities.code.length")
    # first the colours of all communities, then facilities and sites
    assert [count in accumulate(tallies) for _, tallies in groups] == [True, True]
    titles = page.evaluate("lifecircle.sidesShown().map(side => side.words)")
    assert [words.startswith(title) for (words, _), title in zip(groups, titles, strict=True)] == [True, True]
    top = page.evaluate("document.getElementById('key').getBoundingClientRect().top")
    assert top >= page.evaluate("lifecircle.map.getContainer().getBoundingClientRect().bottom") - 1


def test_the_city_fills_the_sheet_and_the_list_is_on_it(page):
    """On paper there is another frame than on the screen: the whole city is as large as the frame allows."""
    choose(page, community=None, tab="place")
    page.evaluate("lifecircle.showAll()")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    share = page.evaluate(
        """() => { const frame = lifecircle.map.getSize(), box = lifecircle.layers.communities.getBounds();
        const at = corner => lifecircle.map.latLngToContainerPoint(corner);
        const a = at(box.getNorthWest()), b = at(box.getSouthEast());
        const room = [frame.x - lifecircle.besideLegend()[0], frame.y];
        return Math.max((b.x - a.x) / room[0], (b.y - a.y) / room[1]); }"""
    )
    panel = page.evaluate("document.getElementById('part-place').getBoundingClientRect().bottom")
    fifth = page.locator("#place .worst li").nth(4).bounding_box()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert 0.9 < share <= 1
    assert fifth["y"] + fifth["height"] <= panel
