"""Turn restrictions by other means: relations read anew, rules followed edge by edge, ways found by networkx.

It takes the streets of a network as edges alone and imports nothing of lifecircle. A state is an edge driven
one way and how far along each restriction the driver is.
"""

import itertools

import networkx as nx
import osmium

KINDS = ("no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn", "no_entry", "no_exit",
         "only_left_turn", "only_right_turn", "only_straight_on", "only_u_turn")  # fmt: skip


def relations(path, exempt, keys):
    """Restrictions of a file (kind, ways from, between and to), nodes of ways, places of nodes."""
    restrictions = []
    for relation in osmium.FileProcessor(str(path), osmium.osm.RELATION):
        tags = dict(relation.tags)
        kind = next((tags[key] for key in keys if key in tags), None)
        excepted = {word.strip() for word in tags.get("except", "").split(";")}
        if tags.get("type") == "restriction" and kind in KINDS and not excepted & exempt:
            members = [(part.role, part.type, part.ref) for part in relation.members]
            sides = [[ref for role, _, ref in members if role == name] for name in ("from", "to")]
            between = [(type_, ref) for role, type_, ref in members if role == "via"]
            restrictions.append((relation.id, kind, sides[0], between, sides[1]))
    ways, places = {}, {}
    for way in osmium.FileProcessor(str(path)).with_locations():
        if way.is_way() and "highway" in way.tags:
            ways[way.id] = [node.ref for node in way.nodes]
            places |= {
                node.ref: (round(node.location.lon, 7), round(node.location.lat, 7))
                for node in way.nodes
                if node.location.valid()
            }
    return restrictions, ways, places


def driven_edges(graph):
    """Directed edges of a graph of streets: (edge's name, start, end) to its seconds; and where nodes lie."""
    edges = {
        (key, start, end): data["travel_time"] for start, end, key, data in graph.edges(keys=True, data=True)
    }
    at = {node: (round(data["x"], 7), round(data["y"], 7)) for node, data in graph.nodes(data=True)}
    return edges, at


def rules(path, edges, at, *, exempt, keys):
    """Restrictions as sequences of directed edges: (must be the last, sequence), how many lead over ways."""
    restrictions, ways, places = relations(path, exempt, keys)
    by_way = {}
    for edge in edges:
        by_way.setdefault(int(edge[0].rpartition("-")[0]), []).append(edge)
    sequences, over_ways = [], set()
    for number, kind, comes, between, goes in restrictions:
        for one, other in itertools.product(comes, goes):
            via = [ref for type_, ref in between if type_ == "w"]
            chain = [one, *via, other]
            if any(way not in ways or way not in by_way for way in chain):
                continue
            if via:
                meets = [set(ways[a]) & set(ways[b]) for a, b in itertools.pairwise(chain)]
            else:
                meets = [{ref for type_, ref in between if type_ == "n"} & set(ways[one]) & set(ways[other])]
            if any(len(nodes) != 1 for nodes in meets):
                continue
            stops = [places[nodes.pop()] for nodes in meets]
            paths = [(edge,) for edge in by_way[one] if at[edge[2]] == stops[0]]
            for way, stop in zip(via, stops[1:], strict=True):
                paths = [longer for path_ in paths for longer in along(by_way[way], path_, at, stop)]
            paths = [(*path_, edge) for path_ in paths for edge in by_way[other] if edge[1] == path_[-1][2]]
            if len(paths) == 1:
                sequences.append((kind.startswith("only_"), paths[0]))
                over_ways |= {number} if via else set()
    return sequences, over_ways


def along(edges, path, at, stop):
    """A path longer by a way, driven on from where it ends to a stop."""
    grown = [path]
    while grown:
        longer = grown.pop()
        for edge in edges:
            if edge[1] == longer[-1][2] and edge[0] != longer[-1][0] and edge not in longer:
                if at[edge[2]] == stop:
                    yield (*longer, edge)
                else:
                    grown.append((*longer, edge))


def states_graph(edges, sequences):
    """Every edge in every state, joined to all that may follow: seconds are those of the edge entered."""
    leaving, begins = {}, {}
    for edge in edges:
        leaving.setdefault(edge[1], []).append(edge)
    for number, (_, path) in enumerate(sequences):
        begins.setdefault(path[0], []).append(number)

    def entered(edge, before):
        """How far along each restriction one is, once on an edge."""
        there = ((n, k + 1) for n, k in before if sequences[n][1][k] == edge)
        further = {(n, k) for n, k in there if k < len(sequences[n][1])}
        return frozenset(further | {(n, 1) for n in begins.get(edge, ())})

    graph = nx.DiGraph()
    queue = [(edge, entered(edge, ())) for edge in edges]
    graph.add_nodes_from(queue)
    while queue:
        state = queue.pop()
        edge, progress = state
        free = [
            following
            for following in leaving.get(edge[2], ())
            if not any(
                not sequences[n][0] and k == len(sequences[n][1]) - 1 and sequences[n][1][k] == following
                for n, k in progress
            )
        ]
        # signs that stand at one beginning name together all that may follow
        wanted = {}
        for n, k in progress:
            if sequences[n][0]:
                wanted.setdefault(sequences[n][1][:k], set()).add(sequences[n][1][k])
        free = [following for following in free if all(following in told for told in wanted.values())]
        ahead = [following for following in free if following[0] != edge[0]]
        for following in free if wanted or not ahead else ahead:
            after = following, entered(following, progress)
            if after not in graph:
                queue.append(after)
            graph.add_edge(state, after, seconds=edges[following])
    return graph, entered


def seconds_between(graph, entered, edges, start, goals):
    """Seconds from the middle of an edge (its name) to the middles of others; inf where no way is open."""
    best = dict.fromkeys(goals, float("inf"))
    for first in (edge for edge in edges if edge[0] == start):
        reached = nx.single_source_dijkstra_path_length(graph, (first, entered(first, ())), weight="seconds")
        for (edge, _), seconds in reached.items():
            if edge[0] in best and edge[0] != start:
                # from the middle to the end of the first edge, and half of the last
                whole = seconds + edges[first] / 2 - edges[edge] / 2
                best[edge[0]] = min(best[edge[0]], whole)
    return best
