"""What a planner reads on the demo's map: no key, no id, no name of a column or setting."""

import re

import pytest
from demo_page import choose

pytestmark = pytest.mark.browser

RAW = re.compile(
    r"[A-Za-z]\w*_\w+|\b8[0-9a-f]{14}\b|\b[a-z]+:\d+\b|\b(?:map|status)\.[\w.-]+"
    r"|undefined|NaN|\{\w+\}|\b(?:hainan|wuhu|zhuhai|shijiazhuang)-[a-z0-9-]+|\bof-[a-z]+\b"
)
READ = """() => {
    document.querySelectorAll('details').forEach(one => { one.open = true; });
    const told = [...document.querySelectorAll('[aria-label], [title]')].flatMap(
        one => [one.getAttribute('aria-label'), one.title]);
    return [document.body.innerText, document.title, ...told].join('\\n'); }"""


def raw_words(page, files):
    """What of the page looks like a key or an id; names of the files read are sources, and told as such."""
    return set(RAW.findall(page.evaluate(READ))) - {name.rpartition(".")[0] for name in files}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_key_or_id_stands_anywhere_on_the_page(page, lang):
    """Every ninth rule, with a community each; a facility of every service; every site proposed."""
    files = page.evaluate("lifecircle.data.sources")
    choose(page, lang=lang, open=True, show="all")
    seen = {}
    themes, communities = page.evaluate(
        "[lifecircle.data.themes.length, lifecircle.data.communities.code.length]"
    )
    for at in range(0, themes, 9):
        page.evaluate(
            f"lifecircle.choose({{theme: lifecircle.data.themes[{at}], community: null, township: null}})"
        )
        seen[f"rule {at}"] = raw_words(page, files)
        choose(page, community=at * 7 % communities)
        seen[f"community under rule {at}"] = raw_words(page, files)
    for service in page.evaluate("Object.keys(lifecircle.data.facilities)"):
        choose(page, facility={"service": service, "row": 0})
        seen[service] = raw_words(page, files)
    for site, theme in page.evaluate(
        """lifecircle.data.proposals.sites.map((site, at) => [at, lifecircle.data.themes.findIndex(
            one => one.plan === site.plan && one.rule === site.rule)])"""
    ):
        page.evaluate(f"lifecircle.choose({{theme: lifecircle.data.themes[{theme}], site: {site}}})")
        seen[f"site {site}"] = raw_words(page, files)
    assert {where: words for where, words in seen.items() if words} == {}
