"""The page about a sign-in link that goes out by mail, and its form to have one shown."""

from dataclasses import dataclass

from flask_babel import lazy_gettext

from portal import lengths
from portal.web.forms import Form, make_line_field


class ShowLinkForm(Form):
    """Why an administrator or an operator has a sign-in link shown that would go out by mail."""

    reason = make_line_field(lazy_gettext("Reason"), lazy_gettext("Say why. The person reads it."), lengths.LINK_REASON)


@dataclass(frozen=True, slots=True)
class MailedLinkPage:
    """A sign-in link that goes out by mail: to whom, whether the mail server took it, and the form to have one shown.

    `sent` is None where no mail was sent now; `back` leads to the record of the person or their organization.
    """

    name: str
    email: str
    sent: bool | None
    form: ShowLinkForm
    show_at: str
    back: str
    back_name: str

    @property
    def errors(self) -> bool:
        """Whether the form was refused; the title says so."""
        return bool(self.form.errors)
