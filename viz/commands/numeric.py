"""Types of options that are numbers, read as all other numbers are (``model.numbers``)."""

from typing import Any

import click

from injae.model.numbers import number_of, whole_of


class Integer(click.IntRange):
    """A whole number from ``min`` to ``max``."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number.

        Raises:
            InputError: it is none; outside the range click says so.
        """
        return super().convert(whole_of(value, _name(param)) if isinstance(value, str) else value, param, ctx)


class Real(click.FloatRange):
    """A number from ``min`` to ``max``."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number, as ``Integer`` does."""
        return super().convert(number_of(value, _name(param)) if isinstance(value, str) else value, param, ctx)


def _name(param: click.Parameter | None) -> str:
    return (param and param.name) or "number"
