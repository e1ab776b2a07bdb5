"""Reading the world: boundary, communities, population, facilities, streets."""

from lifecircle.sources.log import ReadingLog
from lifecircle.sources.read import read_inputs
from lifecircle.sources.streets import read_streets
from lifecircle.sources.vector import read_table, read_vector

__all__ = ["ReadingLog", "read_inputs", "read_streets", "read_table", "read_vector"]
