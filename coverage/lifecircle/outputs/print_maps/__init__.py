"""Map sheets for paper."""
