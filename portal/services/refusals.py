"""Refusals that services raise; the form shows them at the field that they are about."""

from typing import Any


class Clash(Exception):
    """A typed value cannot be used: the field, a sentence and the values that the sentence prints."""

    def __init__(self, field: str, sentence: str, **values: Any) -> None:
        super().__init__(sentence)
        self.field, self.sentence, self.values = field, sentence, values


class Changed(Exception):
    """Another person changed the record after the form was shown. Nothing was written."""


class EffectChanged(Changed):
    """What decides about an effect has changed since it was shown, so it may be another now. Nothing was written."""
