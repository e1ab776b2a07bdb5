"""Who can walk to what, which community falls short of its plan, by how much, and where to build next.

>>> import lifecircle as lc
>>> "isochrones" in dir(lc)
True

The public names are listed once, in ``__init__.pyi``. They are imported when first used, so that
``import lifecircle`` and ``lifecircle --help`` are quick.
"""

from importlib.metadata import version

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__version__ = version("lifecircle")
__all__ += ["__version__"]
