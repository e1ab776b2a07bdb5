"""Kinds of rule, one file each."""
