"""Outside text made safe for where it goes: a page, a script, a table's cell; and the policy of a page."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import re
from collections.abc import Sequence
from typing import Final

from lifecircle.messages.plain import UNFIT, plain_text

_TEMPLATE_SIGNS: Final = {ord("`"): "&#96;", ord("$"): "&#36;", ord("\\"): "&#92;"}
_JSON_SIGNS: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
_INLINE: Final = re.compile(r"<(script|style)(\s[^>]*)?>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
_ENDS_SOURCE: Final = re.compile(r"[\s\"<>,;]")
_LONGEST_NAME: Final = 120

_UNFIT: Final = re.compile(UNFIT)
_ESCAPED_UNFIT: Final = re.compile(r"\\\\|\\u(?:00(?:0[0-8bcef]|1[0-9a-f]))")
"""In JSON: a backslash, or a control character as JSON writes it."""

_LIVE: Final = re.compile(r"(^|[;\t\n])([ \t\u00a0\u3000]*)(?=[=+\-@\t＝＋－＠﹢﹣﹦﹫])")
"""Where a spreadsheet might read a formula: a cell's start, and what some locales take for one."""

__all__ = [
    "decimal_text",
    "display_name",
    "html_text",
    "plain_text",
    "safe_cell",
    "script_json",
    "security_policy",
]


def display_name(value: object, *, most: int = _LONGEST_NAME) -> str:
    """A name fit to show: one line, no control or direction-forcing characters, cut to `most` characters."""
    whole = " ".join(plain_text(value).split())
    return whole if len(whole) <= most else whole[: most - 1] + "…"


def safe_cell(value: object) -> str:
    """Text for a CSV cell that no spreadsheet computes.

    An apostrophe is put before each ``=``, ``+``, ``-``, ``@`` or tab (full-width ones too) that opens
    the cell, a line of it, or what a spreadsheet that parts cells at semicolons or tabs takes for one.
    """
    return _LIVE.sub(r"\1'\2", plain_text(value))


def decimal_text(value: float) -> str:
    """A number as short as it can be without losing a millionth; blank where unknown or infinite."""
    if not math.isfinite(value):
        return ""
    words = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if words in {"", "-0"} else words


def html_text(value: object) -> str:
    """Text that is inert in HTML, in a quoted attribute, and inside a JavaScript template string."""
    return html.escape(str(value), quote=True).translate(_TEMPLATE_SIGNS)


def script_json(data: object) -> str:
    """Compact JSON that cannot end its ``<script>`` block or be read as markup.

    Its texts are those of `plain_text`, but for their line ends.

    Raises
    ------
    ValueError
        If a number is NaN or infinite: unknown figures must be None.
    """
    whole = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    shown = _UNFIT.sub("", whole.encode("utf-8", "replace").decode("utf-8"))
    shown = _ESCAPED_UNFIT.sub(lambda sign: sign[0] if sign[0] == r"\\" else "", shown)
    return shown.translate(_JSON_SIGNS)


def security_policy(page: str, *, image_sources: Sequence[str] = (), served: bool = False) -> str:
    """Content-Security-Policy of a page: its inline scripts and styles by hash, data images, else nothing.

    Blocks of JSON data are not run, so they need no hash. `image_sources` are further places that pictures
    may come from, each one scheme and host. A page that is `served` may ask its own server.

    Raises
    ------
    ValueError
        If an image source is more than one source: it could end the directive.
    """
    if any(_ENDS_SOURCE.search(source) for source in image_sources):
        raise ValueError("an image source holds a space, a quotation mark of HTML, a comma or a semicolon")
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for kind, attributes, source in _INLINE.findall(page):
        if "application/json" not in attributes:
            digest = base64.b64encode(hashlib.sha256(source.encode("utf-8")).digest()).decode("ascii")
            hashes[kind.lower()].append(f"'sha256-{digest}'")
    rules = {name: " ".join(dict.fromkeys(sources)) or "'none'" for name, sources in hashes.items()}
    return (
        f"default-src 'none'; script-src {rules['script']}; style-src {rules['style']}; "
        f"img-src {' '.join(['data:', *image_sources])}; base-uri 'none'; form-action 'none'"
        + ("; connect-src 'self'" if served else "")
    )
