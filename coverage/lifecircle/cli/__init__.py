"""The command line: `app` lists the commands, ``*_commands`` parse and call, `terminal` prints."""

from lifecircle.cli.app import main

__all__ = ["main"]
