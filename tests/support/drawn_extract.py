"""An OpenStreetMap file of lines and areas drawn in metres."""

from __future__ import annotations

import numpy as np
import osmium
import shapely
from pyproj import Transformer
from small_study import CRS


class DrawnExtract:
    """Nodes, ways and relations, each node once."""

    def __init__(self):
        self.ids, self.nodes, self.ways, self.relations = {}, [], [], []
        self.to_degrees = Transformer.from_crs(CRS, 4326, always_xy=True)

    def add_way(self, line, **tags):
        refs = []
        lon, lat = np.round(self.to_degrees.transform(*shapely.get_coordinates(line).T), 7)
        for place in zip(lon.tolist(), lat.tolist(), strict=True):
            if place not in self.ids:
                self.ids[place] = len(self.ids) + 1
                self.nodes.append(osmium.osm.mutable.Node(id=self.ids[place], location=place, version=1))
            if refs[-1:] != [self.ids[place]]:
                refs.append(self.ids[place])
        self.ways.append(osmium.osm.mutable.Way(id=len(self.ways) + 1, nodes=refs, tags=tags, version=1))
        return len(self.ways)

    def add_relation(self, rings, tags):
        members = [("w", self.add_way(ring), "inner" if at else "outer") for at, ring in enumerate(rings)]
        number = len(self.relations) + 1
        relation = osmium.osm.mutable.Relation(id=number, members=members, tags=tags, version=1)
        self.relations.append(relation)

    def write(self, path):
        with osmium.SimpleWriter(str(path)) as writer:
            for add, made in (
                (writer.add_node, self.nodes),
                (writer.add_way, self.ways),
                (writer.add_relation, self.relations),
            ):
                for one in made:
                    add(one)
