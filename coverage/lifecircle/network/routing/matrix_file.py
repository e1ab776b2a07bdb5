"""A matrix of travel times written to a file block by block, so that no memory has to hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["write_blocks"]


def write_blocks(blocks: Iterator[pd.DataFrame], path: Path, ids: Mapping[str, pd.Index]) -> Path:
    """Write blocks to one Parquet file, all of it or nothing; `ids` are all that its columns may hold."""
    # written beside its place: readers see all of it or nothing
    beside = path.with_name(f".{path.name}.part")
    try:
        first = pa.Table.from_pandas(next(blocks), preserve_index=False)
        # the first origins may reach nothing, which does not say of what type ids are
        schema = first.schema
        for name, held in ids.items():
            field = pa.field(name, pa.Array.from_pandas(held.to_numpy()).type)
            schema = schema.set(schema.get_field_index(name), field)
        with pq.ParquetWriter(beside, schema) as writer:
            writer.write_table(first.cast(schema))
            for block in blocks:
                writer.write_table(pa.Table.from_pandas(block, schema=schema, preserve_index=False))
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return path
