"""The osmnx way: a MultiDiGraph of streets, ego graphs, and buffers around what they hold."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import job
import networkx as nx
import numpy as np
import osmnx as ox
import shapely
from pyproj import CRS
from shapes import packed


def build(city: SimpleNamespace) -> job.Outcome:
    """From OpenStreetMap XML (osmnx reads no PBF) to an unsimplified graph with lengths."""
    path = city.folder / "city.osm"
    seconds, graph = job.timed(partial(ox.graph_from_xml, path, simplify=False, retain_all=True), 1)
    return job.Outcome(seconds, {"nodes": np.array([len(graph)]), "edges": np.array([graph.size()])})


def isochrones(city: SimpleNamespace) -> job.Outcome:
    """The gallery's recipe: `nx.ego_graph` around the nearest node, its edges buffered, and their union."""
    watch, count = job.Stopwatch(), 3 if city.quick else 20
    graph = watch("graph", lambda: street_graph(city))
    offset, length = city.centre_offset_mm, city.length_mm[city.centre_edge]
    centre = np.where(2 * offset <= length, city.u[city.centre_edge], city.v[city.centre_edge])[:count]

    def draw() -> list[shapely.Geometry]:
        """One polygon per centre."""
        shapes = []
        for node in centre.tolist():
            reached = nx.ego_graph(graph, node, radius=job.LIMIT_M, distance="length")
            edges = ox.graph_to_gdfs(reached, nodes=False, fill_edge_geometry=True)
            shapes.append(edges.geometry.buffer(30).union_all())
        return shapes

    seconds, shapes = job.timed(draw, 1)
    return job.Outcome(seconds, packed(shapes), watch.seconds, units=count)


def street_graph(city: SimpleNamespace) -> nx.MultiDiGraph:
    """The same graph as osmnx holds one, in metres."""
    graph = nx.MultiDiGraph(crs=CRS.from_wkt(city.facts["crs"]))
    for node, (x, y) in enumerate(zip(city.node_x.tolist(), city.node_y.tolist(), strict=True)):
        graph.add_node(node, x=x, y=y)
    for u, v, metres in zip(city.u.tolist(), city.v.tolist(), (city.length_mm / 1000).tolist(), strict=True):
        graph.add_edge(u, v, length=metres)
        graph.add_edge(v, u, length=metres)
    return graph


if __name__ == "__main__":
    job.main("osmnx", {"build": build, "isochrones": isochrones})
