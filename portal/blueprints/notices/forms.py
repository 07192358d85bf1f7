"""What the person restricted can say against it."""

from flask_babel import lazy_gettext

from portal.web.forms import Form, several_lines

LONGEST = 2000


class AppealForm(Form):
    """The explanation of somebody who was slowed or blocked."""

    words = several_lines(lazy_gettext("Your explanation"), lazy_gettext("Write why it should be lifted."), LONGEST,
                          rows=8)
