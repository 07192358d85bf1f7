"""The form with which a person says that an opt-out was not meant, and why; a conversation and an entry show it."""

from flask import request
from flask_babel import gettext, lazy_gettext
from wtforms import SelectField
from wtforms.validators import DataRequired

from portal.rules.terms import NotMeantReason
from portal.wording.texts import NOT_MEANT_REASONS

from .forms import Form


class NotMeantForm(Form):
    """Yes needs nothing; No needs a reason from the list."""

    reason = SelectField(lazy_gettext("If not: why?"), [DataRequired(lazy_gettext("Choose why they did not mean it."))],
                         choices=lambda: [("", gettext("Choose a reason")),
                                          *((one.value, gettext(said)) for one, said in NOT_MEANT_REASONS.items())])

    def is_complete(self) -> bool:
        """Whether the person pressed Yes, or No and chose a reason."""
        return request.form.get("meant") != "no" or self.validate_on_submit()

    @property
    def chosen_reason(self) -> NotMeantReason | None:
        """The reason of a form for No; None for Yes, or where none was chosen."""
        chosen = self.reason.data if request.form.get("meant") == "no" else None
        return next((one for one in NotMeantReason if one.value == chosen), None)
