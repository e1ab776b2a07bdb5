"""Compiled loops of the solvers. Arrays in, arrays out."""
