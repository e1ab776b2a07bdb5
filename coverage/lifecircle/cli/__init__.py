"""The command line: `app` parses and calls, `terminal` prints, one module serves each family of commands."""

from lifecircle.cli.app import main

__all__ = ["main"]
