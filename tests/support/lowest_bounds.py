"""Pins every direct dependency to its lower bound: ``python lowest_bounds.py > constraints.txt``."""

from __future__ import annotations

import sys
import tomllib

from packaging.requirements import Requirement
from shared_data import ROOT


def lowest_bounds() -> list[str]:
    """One ``name==bound`` per dependency of the package, of its extras too; tools of the tests stay free."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {}).values()
    asked = [
        Requirement(line)
        for line in [*project["dependencies"], *(line for group in extras for line in group)]
    ]
    own = [item for item in asked if item.name != project["name"]]
    return sorted({f"{item.name}=={next(iter(item.specifier)).version}" for item in own})


if __name__ == "__main__":
    sys.stdout.write("\n".join(lowest_bounds()) + "\n")
