"""Compiled loops of the solvers: arrays and NamedTuples in, arrays and NamedTuples out."""
