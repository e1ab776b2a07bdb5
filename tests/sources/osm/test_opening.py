"""What osmium says while a file is open, in the user's words."""

import errno
import os

import pytest

from lifecircle.errors import InputError
from lifecircle.sources.osm.file import opened_osm

ONE_NODE = '<osm version="0.6"><node id="1" lon="110" lat="20"/></osm>'


@pytest.mark.parametrize("kind", [RuntimeError, OSError])
def test_a_full_folder_of_temporary_files_is_no_fault_of_the_users_file(tmp_path, kind):
    file = tmp_path / "streets.osm"
    file.write_text(ONE_NODE, encoding="utf-8")
    with pytest.raises(InputError) as error, opened_osm(file):
        raise kind(f"Could not resize file: {os.strerror(errno.ENOSPC)}")
    assert [fault.key for fault in error.value.faults] == ["temporary-full"]
    assert "TMPDIR" in error.value.render("en")


def test_what_osmium_cannot_read_is_a_fault_of_the_file(tmp_path):
    file = tmp_path / "streets.osm"
    file.write_text(ONE_NODE, encoding="utf-8")
    with pytest.raises(InputError) as error, opened_osm(file):
        raise RuntimeError("PBF error: truncated")
    assert [(fault.key, fault.file) for fault in error.value.faults] == [("osm-unreadable", str(file))]
