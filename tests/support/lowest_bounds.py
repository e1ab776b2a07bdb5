"""Pins every direct dependency to its lowest series: ``python lowest_bounds.py > constraints.txt``."""

from __future__ import annotations

import sys
import tomllib

from packaging.requirements import Requirement
from shared_data import ROOT


def lowest_bounds() -> list[str]:
    """One pin per dependency of the package and its extras; tools of the tests stay free.

    ``>=2.2`` becomes ``==2.2.*``: some packages publish no release that is called ``2.2`` as such.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = (line for group in project["optional-dependencies"].values() for line in group)
    asked = [Requirement(line) for line in [*project["dependencies"], *extras]]
    pins = set()
    for item in asked:
        if item.name != project["name"]:
            release = next(iter(item.specifier)).version.split(".")
            pins.add(f"{item.name}=={'.'.join((*release, '0')[: max(2, len(release))])}.*")
    return sorted(pins)


if __name__ == "__main__":
    sys.stdout.write("\n".join(lowest_bounds()) + "\n")
