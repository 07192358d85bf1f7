"""What the person restricted can say against it."""

from flask_babel import lazy_gettext

from portal import lengths
from portal.web.forms import Form, make_text_field


class AppealForm(Form):
    """The explanation of a user who was slowed or blocked."""

    words = make_text_field(lazy_gettext("Your explanation"), lazy_gettext("Write why it should be lifted."),
                            lengths.APPEAL_WORDS,
                            rows=8)
