"""The page about a sign-in link that goes out by mail, and its form to have one shown."""

from dataclasses import dataclass

from flask_babel import lazy_gettext

from portal import lengths
from portal.web.forms import Form, make_line_field
from portal.web.mailto import write_mailto
from portal.wording.languages import LetterText


class ShowLinkForm(Form):
    """Why an administrator or an operator has a sign-in link shown that would go out by mail."""

    reason = make_line_field(lazy_gettext("Reason"), lazy_gettext("Say why. The person reads it."), lengths.LINK_REASON)


@dataclass(frozen=True, slots=True)
class HandedLink:
    """A sign-in link that is shown once: whose it is, words to send along, and the address of a letter with both.

    `language`: the tag of the one in which the words are, such as "fr-CA".
    """

    name: str
    email: str
    link: str
    hours: int
    words: str
    mail_to: str
    language: str


def hand_link(name: str, email: str, link: str, hours: int, letter: LetterText) -> HandedLink:
    """A link to hand over with a letter; one that would be too long to open holds the link alone."""
    full = write_mailto(email, letter.subject, letter.words)
    short = write_mailto(email, letter.subject, link) if full.shortened else full
    return HandedLink(name, email, link, hours, letter.words, short.address, letter.language)


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
