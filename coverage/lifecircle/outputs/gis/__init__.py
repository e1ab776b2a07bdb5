"""``study.gpkg``, its styles, and the rasters."""
