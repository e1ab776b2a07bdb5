"""lifecircle."""
