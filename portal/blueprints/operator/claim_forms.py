"""The form about claimed numbers: which were chosen, and why they are not confirmed."""

from flask_babel import gettext, lazy_gettext
from wtforms import SelectMultipleField, StringField, ValidationError
from wtforms.validators import DataRequired

from portal import lengths
from portal.web.forms import Form, limit_length, strip_value


class ClaimChoiceForm(Form):
    """Numbers that were ticked in the list; a reason is needed only to reject them."""

    rejects = False

    chosen = SelectMultipleField(
        lazy_gettext("Numbers"), [DataRequired(lazy_gettext("Choose at least one number in the list."))],
        validate_choice=False)
    reason = StringField(
        lazy_gettext("Reason"), [limit_length(lengths.CLAIM_REASON)], filters=[strip_value],
        render_kw={"autocomplete": "off"})

    def validate_reason(self, field: StringField) -> None:
        """A rejection needs a reason: the administrator who entered the number reads it."""
        if self.rejects and not field.data:
            raise ValidationError(gettext("Say why. The organization's administrators read it."))
