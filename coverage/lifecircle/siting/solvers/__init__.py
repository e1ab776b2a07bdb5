"""Solvers behind the location models: exact, Lagrangean, interchange, flow."""
