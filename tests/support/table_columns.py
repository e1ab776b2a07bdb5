"""Whether a table that was written has the columns of its contract, and no others."""


def unlisted(columns, *specs):
    """Columns that none of the tables lists, neither by name nor as one of a family."""
    return [
        name
        for name in columns
        if not any(
            name in spec.columns or name in spec.optional or spec.pattern_of(name) is not None
            for spec in specs
        )
    ]


def missing(columns, *specs):
    """Columns that the tables require and that are not there."""
    return [name for spec in specs for name in spec.columns if name not in set(columns)]
