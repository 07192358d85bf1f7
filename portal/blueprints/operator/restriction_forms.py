"""Forms about restrictions: ending one, moving its end, and answering the appeal against it."""

from flask_babel import lazy_gettext

from portal.web.forms import Form, MomentField, make_line_field, make_text_field

# As much as the tables hold.
LONGEST_RESTRICTION_REASON = 500


class LiftRestrictionForm(Form):
    """Why a restriction ends now."""

    reason = make_line_field(lazy_gettext("Reason"), lazy_gettext("Say why it is lifted."), LONGEST_RESTRICTION_REASON)


class ExtendRestrictionForm(Form):
    """Until when a restriction lasts instead, and why."""

    until = MomentField(lazy_gettext("New end"), lazy_gettext("Say until when it lasts."))
    reason = make_line_field(lazy_gettext("Reason"), lazy_gettext("Say why its end is moved."),
                             LONGEST_RESTRICTION_REASON)


class AppealAnswerForm(Form):
    """What the person who appealed reads."""

    reason = make_text_field(lazy_gettext("Reason"), lazy_gettext("Say why. The person who appealed reads it."),
                             LONGEST_RESTRICTION_REASON, rows=4)
