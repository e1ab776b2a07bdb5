"""Streets from every source."""
