"""A way on from a reason that lets the reader pick one of a few values."""

from collections.abc import Sequence
from dataclasses import dataclass

from . import Button


@dataclass(frozen=True, slots=True)
class PickButton(Button):
    """A form in which one of `choices` (value, words) is picked as `field`; it carries `hidden` (name, value)."""

    field: str = ""
    choices: Sequence[tuple[str, str]] = ()
    hidden: tuple[str, str] = ("", "")
