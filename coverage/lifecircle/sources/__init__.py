"""Reading the world: boundary, communities, population, facilities, streets."""

from lifecircle.sources.elevation import node_heights
from lifecircle.sources.files.vector import read_table, read_vector
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.read import read_inputs
from lifecircle.sources.streets.reader import read_streets

__all__ = ["ReadingLog", "node_heights", "read_inputs", "read_streets", "read_table", "read_vector"]
