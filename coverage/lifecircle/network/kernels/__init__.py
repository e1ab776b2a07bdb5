"""Compiled loops. Arrays in, arrays out: nothing here knows a table, a file or a unit."""
