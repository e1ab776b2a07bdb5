"""Marching squares over labels: outlines of neighbours that tile what they share.

Every square is split among the labels of its corners along the very chords of `contour_squares`, so all
labels as a whole cover exactly what one outline around them would. A border crosses a grid line where two
labels are equally far; three or more meet in one point, which lies on the outline where the square has a
corner outside. Of two pairs of opposite corners those of the smaller label are connected (outside counts
as smallest). Corners and sides are numbered counter-clockwise from the south-west: side k joins corners k
and k + 1.
"""

import numpy as np

from lifecircle.jit import njit
from lifecircle.network.kernels.contour_squares import CLEARANCE, corners_of, crossing
from lifecircle.network.kernels.vertex_blocks import NOWHERE, place_of

OUTSIDE = -1
"""Label of a corner that lies beyond the outline."""

HALF_WAY = 0.5
"""Where a border crosses when nothing tells which of two labels is the nearer."""

MOST_STROKES = 8
"""A square with four labels has two strokes for each."""


@njit(cache=True, nogil=True)
def root(parent, place):
    """The vertex that stands for all those connected to this one (union-find, paths halved)."""
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = parent[place]
    return place


@njit(cache=True, nogil=True)
def vertex_at(blocks, place):
    """Number of the vertex kept at a place: row by row over the whole grid, whatever its blocks."""
    bits = blocks.bits
    side = 1 << bits
    slot = place >> (2 * bits)
    row = blocks.corner[slot, 0] + ((place >> bits) & (side - 1))
    return row * (blocks.slot.shape[1] << bits) + blocks.corner[slot, 1] + (place & (side - 1))


@njit(cache=True, nogil=True)
def join(parent, place, other, blocks):
    """Connect two vertices; of their roots the one with the smaller number stands for both."""
    one, two = root(parent, place), root(parent, other)
    if one == two:
        return
    if vertex_at(blocks, one) < vertex_at(blocks, two):
        parent[two] = one
    else:
        parent[one] = two


@njit(cache=True, nogil=True)
def border_share(vertex, other, field, distance):
    """Share of the way from one vertex to its neighbour at which what they belong to changes."""
    nearest, label, second, second_label = field
    limit = np.float32(distance * distance)
    if not (nearest[vertex] <= limit and nearest[other] <= limit):
        return crossing(nearest[vertex], nearest[other], distance)
    if second_label[vertex] != label[other] or second_label[other] != label[vertex]:
        return HALF_WAY
    # two labels that are next to each other: the lead of each over the other falls linearly to none
    here = np.sqrt(np.float64(second[vertex])) - np.sqrt(np.float64(nearest[vertex]))
    there = np.sqrt(np.float64(second[other])) - np.sqrt(np.float64(nearest[other]))
    share = here / (here + there) if here + there > 0.0 else HALF_WAY
    return min(1.0 - CLEARANCE, max(CLEARANCE, share))


@njit(cache=True, nogil=True)
def point_place(point, blocks, field, distance):
    """Where a point on a grid line lies, in cells from the first vertex."""
    columns = np.int64(blocks.slot.shape[1]) << blocks.bits
    vertices = (np.int64(blocks.slot.shape[0]) << blocks.bits) * columns
    row, column = divmod(point % vertices, columns)
    here = place_of(blocks, row, column)
    x = np.float64(column)
    y = np.float64(row)
    if point < vertices:
        x += border_share(here, place_of(blocks, row, column + 1), field, distance)
    else:
        y += border_share(here, place_of(blocks, row + 1, column), field, distance)
    return x, y


@njit(cache=True, nogil=True)
def foot(chord, x, y):
    """The place of a chord nearest to another place, its ends left out."""
    dx, dy = chord[1, 0] - chord[0, 0], chord[1, 1] - chord[0, 1]
    # projection onto the chord, kept off its ends so that rings never touch
    share = ((x - chord[0, 0]) * dx + (y - chord[0, 1]) * dy) / (dx * dx + dy * dy)
    share = min(1.0 - CLEARANCE, max(CLEARANCE, share))
    return chord[0, 0] + share * dx, chord[0, 1] + share * dy


@njit(cache=True, nogil=True)
def vertex_owner(place, field, limit):
    """Label of a vertex, `OUTSIDE` where it lies beyond the outline."""
    return field.label[place] if field.nearest[place] <= limit else OUTSIDE


@njit(cache=True, nogil=True)
def connected_vertices(field, blocks, limit):
    """Vertices of one label that neighbour each other, joined; and how many squares hold several labels."""
    side = 1 << blocks.bits
    rows, columns = blocks.slot.shape[0] << blocks.bits, blocks.slot.shape[1] << blocks.bits
    parent = np.arange(len(field.nearest)).astype(np.int32)
    mixed = 0
    for slot in range(1, len(blocks.corner)):
        for r in range(side):
            j = blocks.corner[slot, 0] + r
            for c in range(side):
                i = blocks.corner[slot, 1] + c
                if j + 1 == rows or i + 1 == columns:
                    continue
                a, b, opposite, d = corners_of(blocks, j, i)
                own = vertex_owner(a, field, limit)
                east = vertex_owner(b, field, limit)
                north = vertex_owner(d, field, limit)
                if own != OUTSIDE and own == east:
                    join(parent, a, b, blocks)
                if own != OUTSIDE and own == north:
                    join(parent, a, d, blocks)
                mixed += own != east or own != north or own != vertex_owner(opposite, field, limit)
    return parent, mixed


@njit(cache=True, nogil=True)
def put_saddle(strokes, n, whose, side, corner, parent, blocks):
    """Add the strokes of a square with equal opposite corners. Returns the count.

    Of two pairs of equal opposite corners those of the smaller label are connected.
    """
    k = 0 if whose[0] == whose[2] and (whose[1] != whose[3] or whose[0] < whose[1]) else 1
    # the other two corners are cut off by a chord each
    for c in (k + 1, (k + 3) % 4):
        if whose[c] != OUTSIDE:
            strokes[n] = (whose[c], side[c], side[c - 1], corner[c])
            n += 1
    # the connected corners lie between the same two chords
    if whose[k] != OUTSIDE:
        join(parent, corner[k], corner[k + 2], blocks)
        strokes[n] = (whose[k], side[k], side[k + 1], corner[k])
        strokes[n + 1] = (whose[k], side[k + 2], side[(k + 3) % 4], corner[k + 2])
        n += 2
    return n


@njit(cache=True, nogil=True)
def junction_place(whose, side, blocks, field, distance):
    """Where three or more labels of a square meet, in cells from the first vertex.

    The mean of the labels' crossings on the square's sides, moved onto the outline where a corner lies
    outside.
    """
    outline = np.zeros((2, 2))
    ends = 0
    x, y, crossings = 0.0, 0.0, 0
    for k in range(4):
        # every side on which the owner changes has a crossing: of the outline, or of two labels
        following = (k + 1) % 4
        if whose[k] == whose[following]:
            continue
        px, py = point_place(side[k], blocks, field, distance)
        if whose[k] == OUTSIDE or whose[following] == OUTSIDE:
            outline[ends, 0], outline[ends, 1] = px, py
            ends += 1
        else:
            x += px
            y += py
            crossings += 1
    x, y = x / crossings, y / crossings
    if ends == 2:
        x, y = foot(outline, x, y)
    return x, y


@njit(cache=True, nogil=True)
def put_runs(strokes, n, whose, side, corner, junction):
    """Add the strokes that cut off each run of equal corners of a square. Returns the count.

    A run is cut off by one chord, or by two that meet in the `junction` (-1: the square has none).
    """
    for k in range(4):
        if whose[k] == whose[k - 1] or whose[k] == OUTSIDE:
            continue
        # the run goes counter-clockwise from corner k; a chord cuts it off at both sides
        end = k
        while whose[(end + 1) % 4] == whose[k]:
            end = (end + 1) % 4
        if junction < 0:
            strokes[n] = (whose[k], side[end], side[k - 1], corner[end])
            n += 1
        else:
            strokes[n] = (whose[k], side[end], junction, corner[end])
            strokes[n + 1] = (whose[k], junction, side[k - 1], corner[end])
            n += 2
    return n


@njit(cache=True, nogil=True)
def label_strokes(field, blocks, distance):
    """Directed pieces of all borders, each with its owner on its left.

    Parameters
    ----------
    field
        A `field_distance.NearestTwo`.
    blocks
        The vertices that are kept, a `vertex_blocks.VertexBlocks`.
    distance : float
        Metres.

    Returns
    -------
    strokes : int64, n × 4
        label, from and to point, place of the label's vertex beside its start. Vertices are numbered row by
        row over the whole grid; points under their number lie on the grid line east of a vertex, then those
        north of one, then junctions inside a square. Squares are gone through in that order, whatever the
        blocks.
    junctions : float64, vertices touched × 3
        Point, and its place in cells from the first vertex.
    parent : int32, one per vertex kept
        Vertices that are connected (`root`).
    """
    bits = blocks.bits
    rows, columns = np.int64(blocks.slot.shape[0]) << bits, np.int64(blocks.slot.shape[1]) << bits
    vertices = rows * columns
    limit = np.float32(distance * distance)
    # stage 1: what is connected along grid lines, and how many squares have a border
    parent, mixed = connected_vertices(field, blocks, limit)
    # stage 2: in each such square, the pieces of border with their label on the left
    strokes = np.empty((MOST_STROKES * mixed, 4), np.int64)
    junctions = np.empty((mixed, 3), np.float64)
    n = 0
    met = 0
    corner = np.empty(4, np.int64)
    side = np.empty(4, np.int64)
    whose = np.empty(4, np.int64)
    for j in range(rows - 1):
        for block in range(blocks.slot.shape[1]):
            if blocks.slot[j >> bits, block] == NOWHERE:
                continue
            for i in range(block << bits, min((block + 1) << bits, columns - 1)):
                corner[0], corner[1], corner[2], corner[3] = corners_of(blocks, j, i)
                changes = 0
                for k in range(4):
                    whose[k] = vertex_owner(corner[k], field, limit)
                for k in range(4):
                    changes += whose[k] != whose[(k + 1) % 4]
                if changes == 0:
                    continue
                # along the row and along the column; diagonals are the saddles' matter
                a = j * columns + i
                side[0], side[1], side[2], side[3] = a, vertices + a + 1, a + columns, vertices + a
                if changes == 4 and (whose[0] == whose[2] or whose[1] == whose[3]):
                    n = put_saddle(strokes, n, whose, side, corner, parent, blocks)
                    continue
                junction = np.int64(-1)
                if changes > 2:
                    junction = 2 * vertices + a
                    x, y = junction_place(whose, side, blocks, field, distance)
                    junctions[met, 0], junctions[met, 1], junctions[met, 2] = junction, x, y
                    met += 1
                n = put_runs(strokes, n, whose, side, corner, junction)
    return strokes[:n].copy(), junctions[:met].copy(), parent


@njit(cache=True, nogil=True)
def chain_rings(strokes, following, junctions, parent, field, blocks, distance):
    """Strokes into closed rings.

    Parameters
    ----------
    strokes, junctions, parent
        From `label_strokes`.
    following : int64
        The stroke after each stroke.
    field, blocks, distance
        As of `label_strokes`.

    Returns
    -------
    points : float64, n × 2
        In cells from the first vertex, ring after ring, each ring's first point repeated at its end.
    first : int32, rings + 1
    owner : int32, rings
        Label on the ring's left.
    part : int64, rings
        What is connected has one number, that of its first vertex; a part has one shell.
    area : float64, rings
        Twice its area, in cells; negative for holes.
    """
    bits = blocks.bits
    vertices = (np.int64(blocks.slot.shape[0]) << bits) * (np.int64(blocks.slot.shape[1]) << bits)
    # a ring has three strokes at least
    n_strokes = len(strokes)
    points = np.empty((n_strokes + n_strokes // 3 + 1, 2), np.float64)
    first = np.zeros(n_strokes // 3 + 2, np.int32)
    owner = np.empty(n_strokes // 3 + 1, np.int32)
    part = np.empty(n_strokes // 3 + 1, np.int64)
    area = np.zeros(n_strokes // 3 + 1, np.float64)
    # stage 1: follow strokes of one label from end to start until the ring closes
    done = np.zeros(n_strokes, np.bool_)
    rings = 0
    n = 0
    for start in range(n_strokes):
        if done[start]:
            continue
        owner[rings] = strokes[start, 0]
        part[rings] = vertex_at(blocks, np.int64(root(parent, strokes[start, 3])))
        at = start
        while not done[at]:
            done[at] = True
            point = strokes[at, 1]
            if point < 2 * vertices:
                points[n, 0], points[n, 1] = point_place(point, blocks, field, distance)
            else:
                met = np.searchsorted(junctions[:, 0], np.float64(point))
                points[n, 0], points[n, 1] = junctions[met, 1], junctions[met, 2]
            n += 1
            at = following[at]
        points[n] = points[first[rings]]
        n += 1
        # stage 2: twice the signed area, seen from the ring's first point (shoelace)
        for k in range(first[rings], n - 1):
            area[rings] += (points[k, 0] - points[first[rings], 0]) * (points[k + 1, 1] - points[k, 1])
            area[rings] -= (points[k, 1] - points[first[rings], 1]) * (points[k + 1, 0] - points[k, 0])
        rings += 1
        first[rings] = n
    return points[:n], first[: rings + 1], owner[:rings], part[:rings], area[:rings]
