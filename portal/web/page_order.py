"""The order of fields in forms that extend other forms: WTForms counts the fields of those first."""

from collections.abc import Iterator
from typing import Any


class PageOrder:
    """Part of a form whose page begins with fields of its own. The summary of errors follows the page."""

    shown_first: tuple[str, ...] = ()
    _fields: dict[str, Any]

    def __iter__(self) -> Iterator[Any]:
        """The fields, those of `shown_first` before all others."""
        return iter([self._fields[name] for name in dict.fromkeys((*self.shown_first, *self._fields))])
