"""Documents as a printer has them: LibreOffice makes them into pages, poppler reads these back."""

import shutil
import subprocess

import pytest


def printed_pages(folder, *files):
    """The text of every page by the file's name; skipped with the reason where the programs are not there."""
    if shutil.which("soffice") is None or shutil.which("pdftotext") is None:
        pytest.skip("LibreOffice (soffice) and pdftotext (poppler-utils) are not both on the path")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, *files]
    subprocess.run(command, capture_output=True, check=True, timeout=600)
    pages = {}
    for file in files:
        reader = ["pdftotext", "-layout", folder / f"{file.stem}.pdf", "-"]
        told = subprocess.run(reader, capture_output=True, text=True, check=True).stdout
        pages[file.name] = told.removesuffix("\f").split("\f")
    return pages
