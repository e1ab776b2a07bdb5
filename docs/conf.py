"""Settings of the documentation: ``make docs`` builds it, warnings are errors."""

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "lifecircle"
author = "lifecircle maintainers"
project_copyright = "lifecircle maintainers, MIT licence"
release = metadata.version("lifecircle")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "from_the_package", "no_machine_paths"]
exclude_patterns = ["_build", "_ext"]

# Tutorials are run whenever the pages are built, each in a folder of its own; what fails fails the build.
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_output_stderr = "remove"
html_theme = "furo"
html_title = "lifecircle"

myst_heading_anchors = 3
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
autodoc_typehints = "none"  # signatures as they are written, without the modules that types come from
autodoc_member_order = "bysource"
