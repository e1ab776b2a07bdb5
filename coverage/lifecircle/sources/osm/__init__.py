"""OpenStreetMap files: opened, scanned, and read into layers."""
