"""Parquet files measured before they are read: a value that repeats costs nothing there, but memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from lifecircle.errors import Fault, InputError
from lifecircle.messages import Words

__all__ = ["BYTES_LIMIT", "CELLS_LIMIT", "ROWS_LIMIT", "refuse_large_parquet"]

ROWS_LIMIT: Final = 5_000_000
CELLS_LIMIT: Final = 50_000_000
"""Rows and cells of a file; of columns of lists each value counts."""
BYTES_LIMIT: Final = 500_000_000
"""Bytes of texts and shapes, written out as often as they stand in the file."""
_ROWS_AT_ONCE: Final = 65_536


def refuse_large_parquet(path: Path) -> None:
    """Refuse a Parquet file that would take very much memory.

    Raises
    ------
    InputError
        If it holds more than `ROWS_LIMIT` rows, `CELLS_LIMIT` cells, or `BYTES_LIMIT` bytes of texts and
        shapes.
    """
    with pq.ParquetFile(path) as file:
        known = file.metadata
        if known.num_rows > ROWS_LIMIT:
            raise _too_large(path, "rows", ROWS_LIMIT)
        cells = packed = 0
        repeating: dict[str, int] = {}
        for group in range(known.num_row_groups):
            for number in range(known.num_columns):
                column = known.row_group(group).column(number)
                cells += column.num_values
                size = max(0, column.total_uncompressed_size)
                if column.physical_type == "FIXED_LEN_BYTE_ARRAY":
                    size = max(size, column.num_values * file.schema.column(number).length)
                packed += size
                if column.physical_type == "BYTE_ARRAY" and column.has_dictionary_page:
                    name = column.path_in_schema
                    repeating[name] = max(repeating.get(name, 0), size)
        if cells > CELLS_LIMIT:
            raise _too_large(path, "cells", CELLS_LIMIT)
        if packed > BYTES_LIMIT or _written_out(path, file, repeating):
            raise _too_large(path, "unpacked", BYTES_LIMIT)


def _too_large(path: Path, what: str, limit: int) -> InputError:
    values = {"what": Words(f"faults.amount.{what}"), "limit": f"{limit:,}"}
    return InputError(Fault("parquet-too-large", file=str(path), values=values))


def _written_out(path: Path, file: pq.ParquetFile, repeating: dict[str, int]) -> bool:
    """Whether texts that stand in the file once, and are referred to, are too long all together."""
    total = 0
    for name, size in repeating.items():
        plain = name in file.schema_arrow.names
        for length in _lengths(path, name) if plain else _lengths_in_lists(file, name, size):
            total += length
            if total > BYTES_LIMIT:
                return True
    return False


def _lengths(path: Path, name: str) -> Iterator[int]:
    """Bytes of pieces of a column, whose texts are not written out."""
    with pq.ParquetFile(path, read_dictionary=[name]) as file:
        for group in range(file.num_row_groups):
            for piece in file.read_row_group(group, columns=[name]).column(0).chunks:
                if not isinstance(piece, pa.DictionaryArray):
                    yield piece.nbytes
                    continue
                words = piece.dictionary
                if pa.types.is_string(words.type) or pa.types.is_large_string(words.type):
                    words = words.cast(pa.large_binary(), safe=False)
                each = pa.compute.binary_length(words).cast(pa.int64())
                yield pa.compute.sum(each.take(piece.indices)).as_py() or 0


def _lengths_in_lists(file: pq.ParquetFile, name: str, size: int) -> Iterator[int]:
    """Bytes of a few rows at a time of a column inside lists or records, which Arrow writes out."""
    rows = max(1, min(_ROWS_AT_ONCE, BYTES_LIMIT // max(size, 1)))
    for batch in file.iter_batches(batch_size=rows, columns=[name]):
        yield batch.nbytes
