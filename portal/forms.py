"""What all forms have in common: reasons and clashes go to the fields they are about."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField
from wtforms.widgets import HiddenInput

from portal import wording
from portal.rules import Decision, Sentence


def stripped(value: str | None) -> str | None:
    """A filter for names and addresses: outer spaces are no part of them."""
    return value.strip() if value else value


class Version(IntegerField):
    """The version of the record that the form was made from, so that a stale form is noticed."""

    widget = HiddenInput()


class Token(StringField):
    """Something the form only carries, such as a step or a moment."""

    widget = HiddenInput()


class Form(FlaskForm):
    """A form that can say why something was refused."""

    def explain(self, decision: Decision) -> None:
        """Every blocking reason, at the field that it is about or above the form."""
        for reason in decision.blocking:
            told = wording.reason(reason)
            self._say(reason.rule.about, f"{told.sentence} {told.remedy}".strip())

    def clash(self, field: str, sentence: Sentence, values: dict[str, Any]) -> None:
        """What a service found wrong with something typed."""
        self._say(field, wording.say(sentence, values))

    def _say(self, about: str, said: str) -> None:
        field = self._fields.get(about)
        if field is None:
            self.form_errors.append(said)
        else:
            field.errors = [*field.errors, said]
