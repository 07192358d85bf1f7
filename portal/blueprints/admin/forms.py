"""Forms of administration, but for the toggle's."""

import re
from typing import Any, Self

from flask_babel import gettext, lazy_gettext, lazy_pgettext
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired

from portal import lengths
from portal.models import Location, Organization, User
from portal.rules.terms import AnswerLanguage
from portal.services.people.locations import first_answer_language
from portal.web.forms import (
    CarriedField,
    Form,
    VersionField,
    limit_length,
    make_email_field,
    make_line_field,
    make_quebec_field,
    strip_value,
    tidy_value,
    unify_line_breaks,
)
from portal.web.place_fields import make_country_field, make_zone_field, offer_places

# What every phone can show in one segment: the letters of GSM-7 that are ASCII and cost one place each.
PLAIN_CHARACTERS = re.compile(r"[A-Za-z0-9 !\"#%&'()*+,\-./:;<=>?@_$]*")
PHONE = {"type": "tel", "autocomplete": "off", "list": "free-numbers"}


class UserDetailsForm(Form):
    """Name, address and location of a user."""

    name = make_line_field(lazy_pgettext("person", "Name"), lazy_gettext("Enter the person's name."), lengths.USER_NAME)
    email = make_email_field(lazy_gettext("Email address"), lazy_gettext("Enter the person's email address."))
    location = SelectField(lazy_gettext("Location"), validators=[DataRequired(lazy_gettext("Choose a location."))])
    version = VersionField()

    def __init__(self, locations: list[Location], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.location.choices = [(one.ref, one.name) for one in locations]

    @classmethod
    def of(cls, user: User, locations: list[Location]) -> Self:
        """The details as they stand."""
        place = user.location.ref if user.location else ""
        return cls(locations, formdata=None, prefix="details", data={
            "name": user.name, "email": user.email, "location": place, "version": user.version})


class NewUserForm(UserDetailsForm):
    """A new user, with a number if there is one already."""

    number = StringField(lazy_gettext("Number"), filters=[strip_value], render_kw=PHONE)


class UserNumberForm(Form):
    """A primary number, and the one that was held when the form was shown."""

    number = StringField(lazy_gettext("Number"), [DataRequired(lazy_gettext("Enter a number."))], filters=[strip_value],
                         render_kw=PHONE)
    held = CarriedField()

    @classmethod
    def of(cls, user: User) -> Self:
        """An empty form for a user as they stand."""
        number = user.number_or_claim
        return cls(formdata=None, prefix="number", data={"held": number.e164 if number else ""})


class UserRoleForm(Form):
    """Roles that an administrator hands out."""

    admin = BooleanField(lazy_gettext("Administrator"))
    auditor = BooleanField(lazy_gettext("Auditor"))
    version = VersionField()

    @classmethod
    def of(cls, user: User) -> Self:
        """The roles as they stand."""
        return cls(formdata=None, prefix="role", obj=user)


class AccountStateForm(Form):
    """What the account is to become; the button only says it in words."""

    to = CarriedField()

    @classmethod
    def of(cls, user: User) -> Self:
        """The other state than the present one."""
        return cls(formdata=None, prefix="account", data={"to": "deactivated" if user.active else "active"})


class NewLocationForm(Form):
    """A new location; its PSTN connection is the provider's to set."""

    name = make_line_field(lazy_gettext("Name"), lazy_gettext("Enter the name of the location."), lengths.LOCATION_NAME)
    country = make_country_field()
    time_zone = make_zone_field()
    in_quebec = make_quebec_field()

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # No zone is chosen before: opening hours and quiet hours follow it.
        offer_places(self)

    @property
    def language(self) -> AnswerLanguage:
        """The language in which the location answers at first."""
        return first_answer_language(bool(self.in_quebec.data))


class OrganizationDetailsForm(Form):
    """What administrators set about their organization."""

    name = make_line_field(lazy_gettext("Name"), lazy_gettext("Enter the name of the organization."),
                           lengths.ORGANIZATION_NAME)
    reply_name = StringField(lazy_gettext("Name in automatic replies"),
                             [limit_length(lengths.REPLY_NAME)], filters=[strip_value])
    help_contact = StringField(lazy_gettext("Help contact"),
                               [limit_length(lengths.HELP_CONTACT)], filters=[strip_value])
    answers_unread = BooleanField(lazy_gettext("Answer texts that nobody reads"))
    mailing_address = TextAreaField(lazy_gettext("Mailing address"), [limit_length(lengths.MAILING_ADDRESS)],
                                    filters=[unify_line_breaks, strip_value], render_kw={"rows": 3})
    telephone = StringField(lazy_gettext("Telephone"), [limit_length(lengths.PUBLIC_TELEPHONE)], filters=[tidy_value])
    privacy_contact = StringField(lazy_gettext("Privacy contact"), [limit_length(lengths.PRIVACY_CONTACT)],
                                  filters=[tidy_value])
    consent_required = BooleanField(lazy_gettext("Refuse texts to people whose consent is not written down"))
    version = VersionField()

    @classmethod
    def of(cls, organization: Organization) -> Self:
        """The values as they stand."""
        form = cls(formdata=None, obj=organization)
        form.answers_unread.data = organization.answers_unread_texts
        return form

    def _plain(self, field: StringField) -> None:
        strange = sorted({char for char in field.data or "" if not PLAIN_CHARACTERS.fullmatch(char)})
        if strange:
            raise ValidationError(gettext(
                "Use plain letters, digits and punctuation. Not possible here: %(characters)s",
                characters=" ".join(strange)))

    validate_reply_name = validate_help_contact = _plain


class CheckForm(Form):
    """A person, a number and a text to check. `who` is the ref of the one who was picked where several fit."""

    who = RadioField(lazy_gettext("More than one user matches. Pick one:"), validate_choice=False)
    user = StringField(lazy_gettext("User"), [DataRequired(lazy_gettext("Enter the user's name, address or number."))],
                       filters=[strip_value], render_kw={"autocomplete": "off"})
    number = StringField(lazy_gettext("Number"), filters=[strip_value],
                         render_kw={"type": "tel", "autocomplete": "off"})
    text = TextAreaField(lazy_gettext("Text"), render_kw={"rows": 3})
