"""The form of an operator who decides a request for texts."""

from flask_babel import gettext, lazy_gettext
from wtforms import StringField, ValidationError

from portal import lengths
from portal.web.forms import Form, limit_length, tidy_value


class OperatorRecordsForm(Form):
    """What the operator says: needed only to refuse."""

    refuses = False

    answer = StringField(lazy_gettext("Remark, or why not"), [limit_length(lengths.RECORDS_REASON)],
                         filters=[tidy_value], render_kw={"autocomplete": "off"})

    def validate_answer(self, field: StringField) -> None:
        """A refusal needs a reason: the person who asked reads it."""
        if self.refuses and not field.data:
            raise ValidationError(gettext("Say why you refuse. The person who asked reads it."))
