"""The command line: every command in its order, and how a run of the program ends."""

from __future__ import annotations

import io
import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

import typer

from lifecircle.cli.general_commands import cache, plans, services, template, warm_up
from lifecircle.cli.options import LANG, say
from lifecircle.cli.street_commands import isochrones, streets, times
from lifecircle.cli.strict_command import StrictCommand
from lifecircle.cli.study_commands import check, compare, demo, explain, grids, monitor, run, serve, site
from lifecircle.errors import Fault, InputError, LifecircleWarning
from lifecircle.libraries import faults_of_libraries
from lifecircle.messages import LANGUAGES
from lifecircle.program_faults import program_fault
from lifecircle.stages import ask_to_end, end_if_asked

__all__ = ["app", "main"]


def _show_version(asked: bool) -> None:  # noqa: FBT001  typer calls it so
    """Print the version and end."""
    if asked:
        from importlib.metadata import version

        typer.echo(f"{app.info.name} {version(__package__.partition('.')[0])}")
        raise typer.Exit


app = typer.Typer(
    name="lifecircle",
    help=say("about"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _options(
    version: Annotated[  # noqa: ARG001  its callback ends the program
        bool, typer.Option("--version", help=say("version"), callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Options of the program itself."""
    # the commands tell such things themselves, in the language asked
    warnings.simplefilter("ignore", LifecircleWarning)


_COMMANDS: Final[tuple[tuple[str, Callable[..., None]], ...]] = (
    ("run", run),
    ("check", check),
    ("demo", demo),
    ("plans", plans),
    ("services", services),
    ("template", template),
    ("streets", streets),
    ("times", times),
    ("isochrones", isochrones),
    ("explain", explain),
    ("serve", serve),
    ("cache", cache),
    ("warm-up", warm_up),
    ("site", site),
    ("grids", grids),
    ("compare", compare),
    ("monitor", monitor),
)
"""In the order of ``--help``."""

for _name, _command in _COMMANDS:
    app.command(_name, cls=StrictCommand, help=say(_name))(_command)


def _end_by_signal(number: int, frame: object) -> None:
    """End as by Ctrl-C: what was begun is cleared away, old results stay."""
    del frame
    ask_to_end(128 + number)


def _interrupt(number: int, frame: object) -> None:
    """Ctrl-C, kept in mind: a library may make an error of its own of it."""
    with suppress(SystemExit):
        _end_by_signal(number, frame)
    raise KeyboardInterrupt


def _log_unraisable(told: sys.UnraisableHookArgs) -> None:
    """Log what a library's clean-up raised, where the disk is full for instance: the fault itself is told."""
    logging.getLogger("lifecircle").debug("clean-up: %r", told.object, exc_info=told.exc_value)


def main() -> None:
    """Entry point: a fault of the input, also one of a library, is printed in full and ends with 2.

    A fault of the program is told with the file that keeps its traceback, and ends with 1.
    """
    with _signals_end_the_job():
        _main()


@contextmanager
def _signals_end_the_job() -> Iterator[None]:
    """Signals that ask for the end are heeded as Ctrl-C is; afterwards those of before are heeded again."""
    before = {}
    for name, end in (("SIGTERM", _end_by_signal), ("SIGHUP", _end_by_signal), ("SIGINT", _interrupt)):
        number = getattr(signal, name, None)
        # what is to be ignored stays so: nohup says it of SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:  # one that Python did not set cannot be given back by it
                signal.signal(number, handler)


def _main() -> None:
    """`main`, with signals seen to."""
    # a program that was started with its output closed has none, and works all the same
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  # till the end
    for stream in (sys.stdout, sys.stderr):
        # A terminal, or a file it is sent to, may have no Chinese signs: these are then shown as \uXXXX.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.unraisablehook = _log_unraisable
    # PROJ asks for settings (proj.ini) in the folder that one stands in: none may let it fetch grids
    os.environ["PROJ_NETWORK"] = "OFF"
    try:
        with faults_of_libraries(stage=" ".join(["lifecircle", *sys.argv[1:2]])):
            _refuse_blank(sys.argv[1:])
            app()
    except Exception as error:
        end_if_asked()  # what a library made of a signal is no fault
        if isinstance(error, InputError):
            _print_faults(error, sys.argv[1:])
            sys.exit(2)
        _print_faults(InputError(program_fault(error)), sys.argv[1:])
        raise SystemExit(1) from error


def _refuse_blank(words: list[str]) -> None:
    """Refuse an argument without a sign in it: as a path it would mean the folder that one stands in."""
    for before, word in zip(["", *words], words, strict=False):
        if not word or (word.startswith("--") and word.endswith("=")):
            option = word.rstrip("=") or (before if before.startswith("-") else "")
            raise InputError(Fault("blank-argument", field=option))


def _print_faults(error: InputError, words: list[str]) -> None:
    """Every fault: as text, or one JSON object a line where the command line asked for that.

    Where standard output goes to a full disk they go to standard error, and nowhere where that does too.
    """
    from lifecircle.cli import terminal

    lang = _asked_language(words)
    try:
        terminal.faults(error, as_json="--json" in words, lang=lang)
    except OSError:
        with suppress(OSError):
            terminal.faults(error, as_json=False, lang=lang)
        for stream in (sys.stdout, sys.stderr):
            # what is left unwritten would be tried again at the end of the process
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _asked_language(words: list[str]) -> str:
    """The language named on the command line, else the terminal's."""
    joined = " ".join(words).replace("--lang=", "--lang ")
    return next((lang for lang in LANGUAGES if f"--lang {lang}" in joined), LANG)
