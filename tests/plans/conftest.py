from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from shared_data import SHARED

SHARED_PLANS = SHARED / "plans"


@pytest.fixture(scope="session")
def shared_plans() -> Path:
    """The folder that holds the plans' texts and the catalogue of their provisions."""
    if not SHARED_PLANS.is_dir():
        pytest.skip("the plan texts (../shared/plans) are not on this machine")
    return SHARED_PLANS


@pytest.fixture(scope="session")
def provisions(shared_plans: Path) -> dict[str, dict]:
    """The 237 provisions of the four plans, by id, as catalogued apart from this project."""
    with (shared_plans / "provisions.toml").open("rb") as file:
        rules = tomllib.load(file)["rule"]
    return {rule["id"]: rule for rule in rules}
