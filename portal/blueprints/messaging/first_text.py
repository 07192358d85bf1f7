"""A first text that reaches nobody: to a number that the pretend carrier delivers to."""

from flask import request
from flask_babel import gettext
from flask_login import current_user

from portal.extensions import current_carrier
from portal.models import Number
from portal.rules.numbers import NumberKind, format_number
from portal.services.carriers import desk

from .forms import NewTextForm

# The pretend carrier delivers to this number in every area code; where the writer's own has none, in this one.
DELIVERS, AREA = "5550110", "416"


def fill_in_test_text(form: NewTextForm) -> None:
    """Fill in number and words where the address asks for a test, nothing is written yet and no text leaves here."""
    number = current_user.number
    if "test" not in request.args or form.from_draft or number is None or not _stays_here(number):
        return
    area = number.e164[2:5] if number.kind is NumberKind.PLAIN else AREA
    form.number.data = format_number(f"+1{area}{DELIVERS}")
    form.body.data = gettext("Hello from %(name)s. This is a test.", name=current_user.organization.name)


def _stays_here(number: Number) -> bool:
    """Whether texts of a number go to the pretend carrier: a real one would deliver the test to a stranger."""
    return not desk.carriers_of_numbers([number.id])[number.id] and not current_carrier().real
