"""Compiled loops of the solvers: arrays and NamedTuples in, arrays and NamedTuples out."""

from lifecircle.compiled import pass_over_foreign_code

pass_over_foreign_code()
