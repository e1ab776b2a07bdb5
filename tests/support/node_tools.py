"""What npm gives the tests of the map's scripts: installed once a machine, skipped where it cannot be had."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import platformdirs
import pytest
from filelock import FileLock

NODE, NPM = shutil.which("node"), shutil.which("npm")
OWN = Path(__file__).parent / "node"


def node_folder():
    """A folder with the packages of ``node/package.json`` installed, and our settings for them."""
    if NODE is None or NPM is None:
        pytest.skip("node and npm are not installed")
    wanted = b"".join(path.read_bytes() for path in sorted(OWN.iterdir()))
    folder = platformdirs.user_cache_path("lifecircle-tests") / hashlib.sha256(wanted).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "install.lock"):
        if not (folder / "installed").exists():
            for path in OWN.iterdir():
                shutil.copy(path, folder)
            command = [NPM, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
            try:
                done = subprocess.run(
                    command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
                )
            except subprocess.TimeoutExpired:
                pytest.skip("npm could not install what checks the scripts within five minutes")
            if done.returncode:
                pytest.skip(f"npm could not install what checks the scripts: {done.stderr.strip()[:200]}")
            (folder / "installed").touch()
    return folder


def run_tool(name, *arguments):
    """A tool of the installed packages: whether it was content, and what it said."""
    folder = node_folder()
    done = subprocess.run(
        [folder / "node_modules" / ".bin" / name, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0, done.stdout + done.stderr


def axe_script():
    """The text of axe-core, to be run in a page."""
    return (node_folder() / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def serious_faults(page):
    """Serious faults that axe-core, run in the page before, finds now; each with the elements it is about."""
    violations = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{fault['id']}: {fault['help']}: {[node['html'][:160] for node in fault['nodes'][:4]]}"
        for fault in violations
        if fault["impact"] in {"serious", "critical"}
    ]
