"""Why something typed cannot be, raised by services and shown at the field that it is about."""

from typing import Any


class Clash(Exception):
    """Something typed cannot be: the field it is about, a sentence and the values that it prints."""

    def __init__(self, field: str, sentence: str, **values: Any) -> None:
        super().__init__(sentence)
        self.field, self.sentence, self.values = field, sentence, values


class Changed(Exception):
    """Somebody else changed the record since the form was shown. Nothing was written."""
