"""Algorithms behind the models: interchange, Lagrangean bounds, HiGHS, set covers, flows."""
