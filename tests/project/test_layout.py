"""The layout that CONTRIBUTING.md explains."""

import coverage
from shared_data import ROOT


def test_coverage_is_a_source_root_and_not_a_package():
    assert not (ROOT / "coverage" / "__init__.py").exists()


def test_coverage_py_is_the_package_named_coverage():
    assert coverage.Coverage is not None


def test_the_layout_the_user_asked_for():
    for folder in ("coverage", "data/raw", "data/processed", "notebooks", "scripts", "tests"):
        assert (ROOT / folder).is_dir(), folder
    assert (ROOT / "environment.yml").is_file()


def test_every_python_script_is_short():
    for script in (ROOT / "scripts").glob("*.py"):
        assert len(script.read_text(encoding="utf-8").splitlines()) < 60, script.name
