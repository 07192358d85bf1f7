"""Lists within a sentence, as each language joins them: Uli and Ben; Ada, Uli, and Ben."""

from collections.abc import Iterable

from babel import Locale
from babel.lists import format_list
from flask_babel import get_locale


def join_names(names: Iterable[str]) -> str:
    """Names as one value of a sentence, the last one behind "and"; "" without any."""
    return str(format_list(list(names), locale=get_locale() or Locale("en")))
