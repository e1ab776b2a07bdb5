"""``make oldest``: what fails fails, and only a missing network is passed over."""

import os
import shutil
import subprocess

import pytest
from shared_data import ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

PYTHON = """#!/bin/sh
case "$*" in
    *"version_info"*) exit {other_python};;
    *"--editable"*) exit {conflict};;
    *"pip download"*) exit {offline};;
    *"-m pytest"*) exit {failing};;
esac
"""
"""A Python that does nothing but succeed or fail where it is told to."""


@pytest.fixture
def make_oldest(tmp_path):
    """Runs ``make oldest`` with packages that are not real."""

    def run(**wrong):
        code = dict.fromkeys(("other_python", "conflict", "offline", "failing"), 0) | wrong
        python = tmp_path / "oldest" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(PYTHON.format(**code), encoding="utf-8")
        python.chmod(0o755)
        command = ["make", "oldest", f"PYTHON={python}", f"OLDEST={tmp_path / 'oldest'}"]
        outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        return subprocess.run(command, cwd=ROOT, env=outside, capture_output=True, text=True, check=False)

    return run


def test_tests_that_pass_on_the_oldest_packages_pass(make_oldest):
    assert make_oldest().returncode == 0


def test_tests_that_fail_on_the_oldest_packages_fail(make_oldest):
    assert make_oldest(failing=1).returncode != 0


def test_bounds_that_cannot_be_installed_together_fail(make_oldest):
    done = make_oldest(conflict=1)
    assert done.returncode != 0
    assert "cannot be installed together" in done.stderr


def test_without_a_network_they_are_left_out_and_it_says_so(make_oldest):
    done = make_oldest(conflict=1, offline=1)
    assert done.returncode == 0
    assert "no network" in done.stdout


def test_on_another_python_they_are_left_out_and_it_says_so(make_oldest):
    done = make_oldest(other_python=1, failing=1)
    assert done.returncode == 0
    assert "Python 3.11 only" in done.stdout
