"""Built networks kept on disk: saved and loaded by path, or kept under a hash of all they are made from."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

from lifecircle.content_store import NETWORK_SUFFIX, content_key, make_room
from lifecircle.folders import made_private
from lifecircle.network.graph import Network
from lifecircle.network.network_file import read_network_file, write_network_file
from lifecircle.tables import StreetTable

__all__ = [
    "Stored",
    "load_network",
    "network_key",
    "save_network",
    "stored_network",
]


class Stored(NamedTuple):
    """A network from a store, and how it came."""

    network: Network
    came: Literal["read", "built", "rebuilt", "distrusted", "unkept"]
    """Read from disk; built because none was kept; rebuilt because the one kept was damaged; built because
    others can write into the folder, in which nothing is believed or kept; built and not kept, because the
    folder cannot be written."""


def network_key(streets: StreetTable, **options: Any) -> str:
    """Hash of all that a network is made from: the streets, the options of `build_network`, the program.

    Parameters
    ----------
    streets
        The segments.
    **options
        What `build_network` is given: numbers, a CRS, arrays.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_streets
    >>> one, other = (network_key(grid_streets(), speed_kmh=speed) for speed in (4.0, 5.0))
    >>> len(one), one == other
    (32, False)
    """
    fields = {field.name: getattr(streets, field.name) for field in dataclasses.fields(streets)}
    return content_key("network", streets=fields, options=options)


def stored_network(folder: Path, key: str, build: Callable[[], Network]) -> Stored:
    """The network kept under a key, or a new one, kept for the next time.

    Parameters
    ----------
    folder
        Where networks are kept; made if it is not there. A folder that cannot be written keeps nothing, and
        of one that others than the user can write into nothing is read.
    key
        As `network_key`.
    build
        Makes the network.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from lifecircle.network.examples import grid_network
    >>> folder = Path(tempfile.mkdtemp())
    >>> [stored_network(folder, "town", grid_network).came for _ in range(2)]
    ['built', 'read']
    """
    path = Path(folder) / f"{key}{NETWORK_SUFFIX}"
    with contextlib.suppress(OSError):
        if not made_private(Path(folder)):
            return Stored(build(), "distrusted")
    if not os.path.isdir(folder):  # noqa: PTH112  # Path.is_dir raises for names that are too long
        return Stored(build(), "unkept")
    held = None
    with contextlib.suppress(OSError):  # a bad disk, a folder of that name: nothing that can be read is kept
        held = load_network(path)
    if held is not None:
        with contextlib.suppress(OSError):
            os.utime(path)  # what is used longest ago goes first
        return Stored(held, "read")
    damaged = path.exists()
    # a folder that cannot be written keeps nothing, and the run goes on
    made = build()
    try:
        save_network(made, path)
    except OSError:
        return Stored(made, "rebuilt" if damaged else "unkept")
    with contextlib.suppress(OSError):
        make_room(path)
    return Stored(made, "rebuilt" if damaged else "built")


def save_network(network: Network, path: str | Path) -> None:
    """Write a network, all of it or nothing.

    Parameters
    ----------
    network
        The network.
    path
        The file; one that is there is replaced.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import lifecircle as lc
    >>> from lifecircle.network.examples import grid_network
    >>> file = Path(tempfile.mkdtemp()) / "town.network"
    >>> lc.save_network(grid_network(), file)
    >>> len(lc.load_network(file))
    12
    """
    write_network_file(network, path)


def load_network(path: str | Path) -> Network | None:
    """Map a network from disk; None where there is no whole one of this format.

    Parameters
    ----------
    path
        A file that `save_network` wrote.

    Returns
    -------
    Network or None
        The network, its arrays mapped into memory; None if the file is absent, damaged or of another format.

    Examples
    --------
    >>> import lifecircle as lc
    >>> lc.load_network("nothing.network") is None
    True
    """
    return read_network_file(path, Network)
