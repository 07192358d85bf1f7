"""Forms about restrictions: ending one, moving its end, and answering the appeal against it."""

from flask_babel import lazy_gettext

from portal import lengths
from portal.web.forms import Form, MomentField, make_line_field, make_text_field


class LiftRestrictionForm(Form):
    """Why a restriction ends now."""

    reason = make_line_field(lazy_gettext("Reason"), lazy_gettext("Say why it is lifted."), lengths.RESTRICTION_NOTE)


class ExtendRestrictionForm(Form):
    """Until when a restriction lasts instead, and why."""

    until = MomentField(lazy_gettext("New end"), lazy_gettext("Say until when it lasts."))
    reason = make_line_field(lazy_gettext("Reason"), lazy_gettext("Say why its end is moved."),
                             lengths.RESTRICTION_NOTE)


class AppealAnswerForm(Form):
    """What the person who appealed reads."""

    reason = make_text_field(lazy_gettext("Reason"), lazy_gettext("Say why. The person who appealed reads it."),
                             lengths.RESTRICTION_NOTE, rows=4)
