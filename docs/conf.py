"""Settings of the documentation: ``make docs`` builds it, warnings are errors."""

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "lifecircle"
author = "lifecircle maintainers"
project_copyright = "lifecircle maintainers, MIT licence"
release = metadata.version("lifecircle")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "from_the_package"]
exclude_patterns = ["_build", "_ext"]
html_theme = "furo"
html_title = "lifecircle"

myst_heading_anchors = 3
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
autodoc_typehints = "none"  # signatures as they are written, without the modules that types come from
autodoc_member_order = "bysource"
