"""Forms about restrictions: ending one, moving its end, and answering the appeal against it."""

from flask_babel import lazy_gettext

from portal.web.forms import Form, Moment, line, several_lines

# As much as the tables hold.
LONGEST = 500


class LiftForm(Form):
    """Why a restriction ends now."""

    reason = line(lazy_gettext("Reason"), lazy_gettext("Say why it is lifted."), LONGEST)


class ExtendForm(Form):
    """Until when a restriction lasts instead, and why."""

    until = Moment(lazy_gettext("New end"), lazy_gettext("Say until when it lasts."))
    reason = line(lazy_gettext("Reason"), lazy_gettext("Say why its end is moved."), LONGEST)


class AnswerForm(Form):
    """What the person who appealed reads."""

    reason = several_lines(lazy_gettext("Reason"), lazy_gettext("Say why. The person who appealed reads it."),
                           LONGEST, rows=4)
