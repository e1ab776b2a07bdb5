"""Commands that take each option once."""

from __future__ import annotations

from collections import Counter
from typing import Any

from typer.core import TyperCommand, TyperOption

from lifecircle.errors import Fault, Faults

__all__ = ["StrictCommand"]


class StrictCommand(TyperCommand):
    """A command that refuses an option given again where it holds one value: the last would win unseen."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of a command line; `ctx` is click's.

        Raises
        ------
        InputError
            Naming every option that is given more than once.
        """
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        options = [param for param in order if isinstance(param, TyperOption)]
        given = Counter(
            max(param.opts, key=len) for param in options if not (param.multiple or param.is_flag)
        )
        faults = Faults()
        faults.extend(
            Fault("option-repeated", field=option, values={"count": count})
            for option, count in given.items()
            if count > 1
        )
        faults.raise_if_any()
        return super().parse_args(ctx, args)
