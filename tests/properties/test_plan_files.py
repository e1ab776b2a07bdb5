"""Whatever is written into a plan file, the answer is a plan or a list of faults in the user's words."""

from __future__ import annotations

from importlib.resources import files

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecircle.errors import PlanError
from lifecircle.plans import Plan, load_plan, packaged_plans

TEXTS = {
    name: (files("lifecircle.plans") / f"{name}.toml").read_text(encoding="utf-8")
    for name in packaged_plans()
}
NUMBERS = ["0", "-1", "1e400", "nan", "true", "2025-01-01"]
WORDS = ['""', '"x"', "[]", "[[]]", "[1]", '["x"]', "{}", '{ zh = "甲" }']
VALUES = st.sampled_from(NUMBERS + WORDS)


@st.composite
def spoilt_plans(draw) -> tuple[str, int]:
    """A packaged plan with the value of one line replaced, and the number of that line."""
    lines = TEXTS[draw(st.sampled_from(sorted(TEXTS)))].splitlines()
    keyed = [n for n, line in enumerate(lines) if " = " in line and not line.startswith((" ", "#"))]
    number = draw(st.sampled_from([n for n in keyed if not lines[n].endswith("[")]))
    lines[number] = lines[number].split(" = ")[0] + " = " + draw(VALUES)
    return "\n".join(lines), number + 1


@settings(max_examples=150, deadline=None)
@given(spoilt=spoilt_plans())
def test_a_spoilt_value_is_read_or_refused_near_its_line(tmp_path_factory, spoilt):
    text, number = spoilt
    path = tmp_path_factory.mktemp("plan") / "own.toml"
    path.write_text(text, encoding="utf-8")
    try:
        assert isinstance(load_plan(path), Plan)
    except PlanError as error:
        for fault in error.faults:
            line = int(fault.file.rsplit(":", 1)[-1])
            assert _start_of_table(text, number) <= line <= number, fault.render()
            assert fault.render("zh")
            assert fault.render("en")


def _start_of_table(text: str, number: int) -> int:
    """Line of the header of the table that a line belongs to."""
    lines = text.splitlines()
    return next(n for n in range(number, 0, -1) if lines[n - 1].startswith("["))
