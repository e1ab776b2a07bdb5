"""Settings under which GDAL opens a file: that file alone, and no address."""

from __future__ import annotations

from typing import Final

__all__ = ["ALONE", "OFFLINE"]

OFFLINE: Final = {
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
    "GDAL_HTTPS_PROXY": "127.0.0.1:9",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
}
"""Nothing is fetched, whatever a file names."""
ALONE: Final = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}
"""Files beside the one that is opened are not looked for.

GDAL opens a mask or an overview by whatever driver fits it, which may be one that reads other files.
"""
