"""Forms about consents: writing one down, correcting it, withdrawing it."""

from flask_babel import lazy_gettext
from wtforms import StringField
from wtforms.validators import DataRequired

from portal import lengths
from portal.web.consent_fields import ConsentFields
from portal.web.forms import Form, make_line_field, strip_value
from portal.web.page_order import PageOrder


class TypedConsentForm(PageOrder, ConsentFields, Form):
    """A consent of a number."""

    shown_first = ("number",)
    number = StringField(lazy_gettext("Number"), [DataRequired(lazy_gettext("Enter the number."))],
                         filters=[strip_value], render_kw={"type": "tel", "autocomplete": "off"})


class WithdrawConsentForm(Form):
    """Why a consent counts no more."""

    reason = make_line_field(lazy_gettext("Reason"), lazy_gettext("Say why it is withdrawn."), lengths.CONSENT_REASON)


class CorrectConsentForm(ConsentFields, Form):
    """What is right, and what was wrong."""

    reason = make_line_field(lazy_gettext("Reason"), lazy_gettext("Say what was wrong."), lengths.CONSENT_REASON)
