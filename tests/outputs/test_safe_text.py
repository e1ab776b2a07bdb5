"""Outside text cannot leave the place it is put in."""

import base64
import hashlib
import json

import pytest

from lifecircle.outputs.safe_text import display_name, html_text, script_json, security_policy

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "`${alert(1)}`",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>",
    "{{7*7}}{% endraw %}{{7*7}}",
    "\u2028\u2029",
    "a\"b'c&d\\e",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_json_comes_back_whole_and_holds_no_markup(words):
    packed = script_json({"name": words})
    assert json.loads(packed) == {"name": words}
    assert not set("<>&\u2028\u2029") & set(packed)


@pytest.mark.parametrize("words", HOSTILE)
def test_html_text_holds_no_sign_that_html_or_a_template_string_reads(words):
    safe = html_text(words)
    assert not set("<>\"'`$\\") & set(safe)


def test_html_text_by_hand():
    assert html_text("a<b & `${c}` \\") == "a&lt;b &amp; &#96;&#36;{c}&#96; &#92;"


def test_an_unknown_figure_must_be_none():
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_json([float("nan")])


def test_signs_that_steer_are_gone_from_a_script_and_a_backslash_stays_what_it_is():
    assert script_json("a\x1b\\u001b\u202e\x85b") == r'"a\\u001bb"'


def test_half_a_character_is_replaced_and_not_written():
    assert script_json("a\ud800b") == '"a?b"'


def test_a_name_is_one_line_without_direction_marks_and_not_endless():
    assert display_name("  一\n二\u202e三\x00 ") == "一 二三"
    assert len(display_name("长" * 10_000)) == 120
    assert display_name("长" * 120) == "长" * 120


def test_a_policy_names_every_script_and_style_and_no_data():
    page = '<style>a{}</style><script>run()</script><script type="application/json">{"a":1}</script>'
    digest = base64.b64encode(hashlib.sha256(b"run()").digest()).decode()
    policy = security_policy(page)
    assert f"script-src 'sha256-{digest}';" in policy
    assert policy.count("sha256-") == 2
    assert policy.startswith("default-src 'none';")


def test_a_page_without_scripts_may_run_none():
    assert "script-src 'none'" in security_policy("<style>a{}</style>")
