"""What error pages say: what happened, what it means for this reader, and what to press."""

from collections.abc import Mapping
from typing import NamedTuple

from flask_login import AnonymousUserMixin

from portal.marks import N_
from portal.models import User


class ErrorWords(NamedTuple):
    """Heading, what happened and what to do, as message ids."""

    heading: str
    text: str
    what_to_do: str


ERROR_WORDS: Mapping[int, ErrorWords] = {
    400: ErrorWords(N_("This did not work"),
                    N_("The page was open for too long, or the form was not complete. Nothing was saved."),
                    N_("Open the page again and repeat what you did.")),
    401: ErrorWords(N_("Your session has ended"), N_("Your session ended, so nothing was saved."),
                    N_("Sign in and repeat what you did.")),
    403: ErrorWords(N_("You don't have access to this page"), N_("Your account does not have the role it needs."),
                    N_("Ask an administrator of your organization if you need it.")),
    404: ErrorWords(N_("There is nothing here"), N_("This page does not exist, or you may not see it."),
                    N_("Check the address, or go on from the start page.")),
    405: ErrorWords(N_("This did not work"), N_("This address cannot be opened that way."),
                    N_("Go on from the start page.")),
    409: ErrorWords(N_("Another person was faster"),
                    N_("Another person has changed this since you opened the page, so nothing of yours was saved."),
                    N_("Open the page again and repeat your change if you still need it.")),
    413: ErrorWords(N_("This is too large"), N_("The portal cannot take that much at once, so nothing was saved."),
                    N_("Send less, or split the file.")),
    429: ErrorWords(N_("Too many tries"), N_("There were too many tries in a short time."),
                    N_("Wait a while, then try again.")),
    500: ErrorWords(N_("Something broke on our side"), N_("We could not finish this, and we have recorded the fault."),
                    N_("Try again. If it happens again, tell the people who run this portal the reference"
                       " %(reference)s.")),
    503: ErrorWords(N_("The portal is busy"), N_("The database did not answer in time, so nothing was saved."),
                    N_("Try again in a moment.")),
}
KEPT_BELOW = N_("Sign in. What you typed is kept below.")
# Where a form does not come from a page of the portal.
ORIGIN_WORDS: Mapping[str, ErrorWords] = {
    "no origin": ErrorWords(
        N_("This did not work"), N_("Nothing says from which page the form comes, so nothing was saved."),
        N_("A browser or a proxy has taken Origin and Referer away. Let it send them to this portal.")),
    "another origin": ErrorWords(
        N_("This did not work"),
        N_("The form comes from another address than the portal's own, so nothing was saved."),
        N_("Open the portal at %(address)s and repeat what you did. If you did, tell the people who run it to look at"
           " PORTAL_URL.")),
}
_NO_ACCESS = ERROR_WORDS[403].heading
FOR_ADMINISTRATORS = ErrorWords(_NO_ACCESS, N_("This page is for administrators."), ERROR_WORDS[403].what_to_do)
FOR_CHANGING = ErrorWords(_NO_ACCESS, N_("As an auditor you can read here and change nothing."),
                          N_("Ask an administrator to make the change."))
FOR_ORGANIZATIONS = ErrorWords(_NO_ACCESS, N_("Organizations' pages are for their administrators."),
                               N_("Open the organization from your own list."))
FOR_OPERATORS = ErrorWords(_NO_ACCESS, N_("This page is for the people who run this portal."),
                           N_("Ask them if you need something changed here."))
FOR_MEMBERS = ErrorWords(_NO_ACCESS, N_("Messages are for the people of an organization."),
                         N_("You run the portal and have no business number, so you cannot text from here."))


def words_of_error(code: int, reader: User | AnonymousUserMixin, blueprint: str, *, kept: bool = False) -> ErrorWords:
    """What the page for a status says to this reader; `kept`: what they typed stands on the page.

    Nothing is looked up: the page may tell of a database out of reach.
    """
    words = ERROR_WORDS.get(code, ERROR_WORDS[500 if code >= 500 else 400])
    if code == 401 and kept:
        return words._replace(what_to_do=KEPT_BELOW)
    return _refusal(reader, blueprint) if code == 403 and isinstance(reader, User) else words


def _refusal(reader: User, blueprint: str) -> ErrorWords:
    """Why this reader may not come in, by the part of the portal at whose door they stand."""
    if blueprint == "operator":
        return FOR_OPERATORS
    if reader.organization_id is None:
        return {"admin": FOR_ORGANIZATIONS, "messaging": FOR_MEMBERS}.get(blueprint, ERROR_WORDS[403])
    if blueprint == "admin":
        return FOR_CHANGING if reader.auditor else FOR_ADMINISTRATORS
    return ERROR_WORDS[403]
