"""Addresses of the gap map beside the report: a rule, a community or a township opened in it."""

from __future__ import annotations

from urllib.parse import urlencode

from lifecircle.tables import Results

__all__ = ["map_link"]


def map_link(
    results: Results, lang: str, *, plan: str = "", rule: str = "", community: str = "", township: str = ""
) -> str:
    """The address of ``gap_map.html`` that shows a rule, a community or a township; relative to the report.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> import pandas as pd
    >>> none = SimpleNamespace(findings=pd.DataFrame(columns=["plan", "rule", "service"]))
    >>> map_link(none, "en", township="4601 06")
    'gap_map.html#township=4601+06&panel=place&lang=en'
    """
    asked: dict[str, str] = {}
    if rule:
        asked["rule"] = f"{plan}/{rule}/{_verdict_service(results, plan, rule)}"
    if community:
        asked["community"] = community
    if township:
        asked["township"] = township
    if community or township:
        asked["panel"] = "place"
    return f"gap_map.html#{urlencode({**asked, 'lang': lang})}"


def _verdict_service(results: Results, plan: str, rule: str) -> str:
    """Service of a rule's verdict: blank over several, else its only one."""
    findings = results.findings
    services = findings.loc[(findings["plan"] == plan) & (findings["rule"] == rule), "service"]
    return "" if (services == "").any() or services.empty else str(services.iloc[0])
