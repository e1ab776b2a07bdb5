"""Fields of blocks as plain arrays, and plain arrays as fields of one block."""

import numpy as np

from lifecircle.network.areas.field import DistanceField
from lifecircle.network.kernels.vertex_blocks import VertexBlocks


def dense(blocks, values):
    """Rows × columns of all vertices; blocks that are left out hold what the first slot holds."""
    side = 1 << blocks.bits
    whole = values.reshape(-1, side, side)[blocks.slot]
    return whole.transpose(0, 2, 1, 3).reshape(blocks.slot.shape[0] * side, -1)


def one_block(squared, west, south, cell_m, buffer_m):
    """A field of one block that holds these squared distances, and beyond them nothing near."""
    bits = max(squared.shape).bit_length()
    side = 1 << bits
    values = np.full((2, side, side), 4 * buffer_m**2, np.float32)
    values[1, : squared.shape[0], : squared.shape[1]] = squared
    slot, corner = np.ones((1, 1), np.int32), np.zeros((2, 2), np.int32)
    return DistanceField(VertexBlocks(slot, corner, bits), values.ravel(), west, south, cell_m, buffer_m)
