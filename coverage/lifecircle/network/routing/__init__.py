"""Shortest paths: origins, destinations, and the costs between them."""
