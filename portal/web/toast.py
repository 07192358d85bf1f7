"""What a page tells in its live region after something was done: words, their tone, and how to undo it."""

from enum import StrEnum
from typing import Any, NamedTuple

from flask import flash, get_flashed_messages


class Tone(StrEnum):
    """How a sentence is shown: something was done, nothing was done, or it was refused. The words are CSS classes."""

    DONE = "done"
    NOTHING = "warn"
    REFUSED = "block"


class Toast(NamedTuple):
    """One sentence of the live region; `undo` is the ref of an offer to undo what it tells, "" without."""

    words: str
    tone: str = Tone.DONE.value
    undo: str = ""


def tell_next_page(words: str, tone: Tone = Tone.DONE, undo: str = "") -> None:
    """Let the page that follows tell it, after a redirect."""
    flash(words, f"{tone.value}/{undo}")


def list_toasts() -> list[Toast]:
    """What was left for this page to tell. Plain `flash(words)` tells of something done."""
    left: list[Any] = get_flashed_messages(with_categories=True)
    return [_read_toast(*one) for one in left if isinstance(one[1], str)]


def _read_toast(category: str, words: str) -> Toast:
    tone, slash, undo = category.partition("/")
    return Toast(words, tone, undo) if slash else Toast(words)
