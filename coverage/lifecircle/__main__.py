"""``python -m lifecircle``."""

from lifecircle.cli.app import main

main()
