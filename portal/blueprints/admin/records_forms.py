"""Forms about records: asking for texts, releasing them, and holds."""

from flask_babel import gettext, lazy_gettext
from wtforms import StringField, ValidationError
from wtforms.validators import DataRequired

from portal import lengths
from portal.web.forms import DayField, Form, limit_length, make_line_field, strip_value, tidy_value
from portal.web.page_order import PageOrder

SAY_REASON = lazy_gettext("Say why.")


class AskRecordsForm(Form):
    """Whose texts are asked for, of which days, and why."""

    number = StringField(lazy_gettext("Outside number"), [DataRequired(lazy_gettext("Enter the number."))],
                         filters=[strip_value], render_kw={"type": "tel", "autocomplete": "off"})
    since = DayField(lazy_gettext("First day"), lazy_gettext("Enter the first day."))
    until = DayField(lazy_gettext("Last day"), lazy_gettext("Enter the last day."))
    reason = make_line_field(lazy_gettext("Reason"), SAY_REASON, lengths.RECORDS_REASON)


class DecideRecordsForm(Form):
    """What the second person says: needed only to refuse."""

    refuses = False

    answer = StringField(lazy_gettext("Remark, or why not"), [limit_length(lengths.RECORDS_REASON)],
                         filters=[tidy_value], render_kw={"autocomplete": "off"})

    def validate_answer(self, field: StringField) -> None:
        """A refusal needs a reason: the person who asked reads it."""
        if self.refuses and not field.data:
            raise ValidationError(gettext("Say why you refuse. The person who asked reads it."))


class RenewHoldForm(Form):
    """Why a hold goes on, and when an administrator looks at it again."""

    reason = make_line_field(lazy_gettext("Reason"), SAY_REASON, lengths.RECORDS_REASON)
    review = DayField(lazy_gettext("Day of review"), lazy_gettext("Enter the day on which you look again."))


class SetHoldForm(PageOrder, RenewHoldForm):
    """Whose texts are held."""

    shown_first = ("held",)
    held = make_line_field(lazy_gettext("Outside number, or email address of a user"),
                           lazy_gettext("Enter a number or an email address."), lengths.EMAIL_ADDRESS)
