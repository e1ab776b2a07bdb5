"""Files of every kind: opened with suspicion, decoded, and read into tables."""
