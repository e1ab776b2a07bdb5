"""How long properties are tried: briefly by default, at length where LIFECIRCLE_THOROUGH is set.

Briefly means the same examples every time, so that a change is judged by what it changes; at length
means new ones every time.

LIFECIRCLE_THOROUGH=1 python -m pytest tests/properties
"""

import os

from hypothesis import settings

settings.register_profile("brief", max_examples=40, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=500, deadline=None)
settings.load_profile("thorough" if os.environ.get("LIFECIRCLE_THOROUGH") else "brief")
