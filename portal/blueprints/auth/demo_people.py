"""The people of a demo on the sign-in page: one press signs in as them, on the demo's own machine only."""

from dataclasses import dataclass

from flask_babel import gettext

from portal.models import User
from portal.services.accounts import demo_people
from portal.web.private import is_private_request


@dataclass(frozen=True, slots=True)
class DemoButton:
    """One person on offer: the name, and what they are."""

    ref: str
    name: str
    role: str


def list_demo_buttons() -> list[DemoButton]:
    """The people to sign in as; [] where the portal is no demo or others might ask."""
    if not is_private_request():
        return []
    return [DemoButton(user.ref, user.name, role_in_words(user)) for user in demo_people.list_demo_people()]


def find_demo_person_here(ref: str) -> User | None:
    """The person behind such a button; None for anybody else, in any other portal, and for another machine."""
    return demo_people.find_demo_person(ref) if is_private_request() else None


def role_in_words(user: User) -> str:
    """What a person is, and where."""
    if user.organization is None:
        return str(gettext("operator"))
    place = user.organization.name
    if user.admin:
        return str(gettext("administrator, %(place)s", place=place))
    return str(gettext("auditor, %(place)s", place=place) if user.auditor else gettext("user, %(place)s", place=place))
