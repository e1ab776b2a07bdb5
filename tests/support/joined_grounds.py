"""Areas side by side as one ground, and what walls take of it: shapely on every pair, nothing looked up.

It imports nothing of lifecircle. An area is its ground, its corners (nodes) and what areas must have in
common to be one ground, the level first.
"""

from itertools import pairwise

import networkx as nx
import shapely
from shapely.ops import polygonize

TOUCH_M = 0.02
WALL_M = 0.15
GAP_M = 0.5
MOST_CORNERS = 900


def areas_of(chains_and_kinds, xy):
    """The areas that chains of nodes bound, with holes where a ring lies in another."""
    areas = []
    for chains, kind in chains_and_kinds:
        if len(chains) == 1:
            ground = shapely.Polygon([xy[ref] for ref in chains[0]])
            ground = ground if ground.is_valid and ground.area > 0 else shapely.Polygon()
        else:
            sides = {frozenset(pair) for refs in chains for pair in pairwise(refs) if pair[0] != pair[1]}
            rings = polygonize([shapely.LineString([xy[a], xy[b]]) for a, b in map(tuple, sides)])
            ground = shapely.Polygon()
            for ring in sorted(rings, key=lambda ring: -ring.area):
                ground = ground.symmetric_difference(shapely.Polygon(ring.exterior))
        corners = {ref for refs in chains for ref in refs}
        areas += [(part, corners, kind) for part in shapely.get_parts(ground) if not part.is_empty]
    return areas


def with_touching_corners(areas, ends, xy):
    """The areas with corners where those of others, or the last nodes of ways, lie on their outlines."""
    spots = sorted({*ends, *((ref, kind[0]) for _, corners, kind in areas for ref in corners)}, key=str)
    tree = shapely.STRtree([shapely.Point(xy[ref]) for ref, _ in spots])
    grown = []
    for ground, corners, kind in areas:
        near = [spots[k] for k in tree.query(ground.boundary, "dwithin", TOUCH_M).tolist()]
        near = {ref for ref, level in near if level == kind[0] and ref not in corners}
        rings = [
            _touched(ring, [xy[ref] for ref in sorted(near, key=str)])
            for ring in (ground.exterior, *ground.interiors)
        ]
        touched = shapely.Polygon(rings[0], rings[1:])
        grown.append(
            (touched, corners | near, kind) if near and touched.is_valid else (ground, corners, kind)
        )
    return grown


def _touched(ring, spots):
    """A ring with the places that lie on its sides, not at their ends."""
    course = []
    for a, b in pairwise(ring.coords):
        side = shapely.LineString([a, b])
        far = {spot: side.project(shapely.Point(spot)) for spot in spots}
        on = [spot for spot in spots if side.distance(shapely.Point(spot)) <= TOUCH_M]
        between = [spot for spot in on if TOUCH_M < far[spot] < side.length - TOUCH_M]
        course += [a, *sorted(between, key=far.get)]
    return course


def side_by_side(areas):
    """Grounds with their corners and level: areas of a kind that share more than a corner are one."""
    beside = nx.Graph()
    beside.add_nodes_from(range(len(areas)))
    tree = shapely.STRtree([ground for ground, *_ in areas])
    for k, (ground, _, kind) in enumerate(areas):
        for other in tree.query(ground, "intersects").tolist():
            alike = k < other and areas[other][2] == kind
            if alike and ground.intersection(areas[other][0]).length > 0.1:
                beside.add_edge(k, other)
    for component in nx.connected_components(beside):
        group = sorted(component)
        size = sum(len(shapely.get_coordinates(areas[k][0])) - 1 - len(areas[k][0].interiors) for k in group)
        for members in [[k] for k in group] if size > MOST_CORNERS else [group]:
            corners = {ref for k in members for ref in areas[k][1]}
            yield shapely.union_all([areas[k][0] for k in members]), corners, areas[members[0]][2][0]


def slits_of(walls, open_at, xy):
    """A function that gives the ground that walls take of an area, but for their gates."""
    lines = [
        shapely.LineString([xy[a], xy[b]])
        for wall in walls
        for a, b in pairwise(wall)
        if a in xy and b in xy and xy[a] != xy[b]
    ]
    tree = shapely.STRtree(lines)
    gaps = shapely.union_all([shapely.Point(xy[ref]).buffer(GAP_M) for ref in open_at if ref in xy])

    def slits(ground):
        """Strips of 0.15 m to either side of the walls there."""
        met = [lines[k].difference(gaps) for k in tree.query(ground, "dwithin", WALL_M).tolist()]
        return shapely.union_all(
            [line.buffer(WALL_M, cap_style="square", join_style="mitre") for line in met]
        )

    return slits
