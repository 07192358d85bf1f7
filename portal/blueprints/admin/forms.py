"""Forms of administration."""

import re
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length

from portal import pages, wording
from portal.forms import Form, Token, Version, stripped
from portal.rules.numbers import HOME
from portal.services.toggles import Wish

WORDS = {"inherit": None, "on": True, "off": False}
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# What every phone can show in one segment: the letters of GSM-7 that are ASCII and cost one place each.
PLAIN = re.compile(r"[A-Za-z0-9 !\"#%&'()*+,\-./:;<=>?@_$]*")


def name_of(label: str, missing: str) -> StringField:
    """A name that must be given."""
    return StringField(label, [
        DataRequired(missing), Length(max=120, message=lazy_gettext("Use at most 120 characters.")),
    ], filters=[stripped])


class ToggleForm(Form):
    """The version of the word that the form was made from."""

    version = Version()

    @property
    def seen(self) -> int:
        """The version that the form was made from; 0 when nothing was said, or when it is missing."""
        return self.version.data or 0


class UserToggleForm(ToggleForm):
    """The choice of the help document, for one user."""

    @property
    def wish(self) -> Wish:
        """What was chosen."""
        return Wish(WORDS[self.word.data])

    word = RadioField(
        lazy_gettext("Business Texting"),
        [DataRequired(lazy_gettext("Choose one of the three settings."))],
        choices=lambda: [("inherit", gettext("Use organization default settings")),
                         ("on", gettext("Override default settings: on")),
                         ("off", gettext("Override default settings: off"))])


class LockForm(ToggleForm):
    """What a level that can lock its word has besides the word."""

    locked = BooleanField(lazy_gettext("Users cannot change this"))
    reason = StringField(lazy_gettext("Reason"), [Length(max=200, message=lazy_gettext("Use at most 200 characters."))],
                         filters=[stripped])

    def validate_reason(self, field: StringField) -> None:
        """Whoever meets a lock wants to know why."""
        if self.locked.data and not field.data:
            raise ValidationError(gettext("Say why it is locked; everybody who meets the lock reads it."))


class LocationToggleForm(LockForm):
    """The word of a location."""

    word = RadioField(
        lazy_gettext("Business Texting for all users at this location"),
        [DataRequired(lazy_gettext("Choose one of the three settings."))],
        choices=lambda: [("inherit", gettext("Use organization default")), ("on", gettext("On")),
                         ("off", gettext("Off"))])

    @property
    def wish(self) -> Wish:
        """What was chosen."""
        on = WORDS[self.word.data or "inherit"]
        return Wish(on, bool(self.locked.data) and on is not None, self.reason.data or "")


class OrganizationToggleForm(LockForm):
    """The word of the organization, with the step that the form is at."""

    on = BooleanField(lazy_gettext("Enable Business Texting for all users at all locations"))
    locked = BooleanField(lazy_gettext("Locations and users cannot change this"))
    step = Token()

    @property
    def wish(self) -> Wish:
        """What was chosen."""
        return Wish(bool(self.on.data), bool(self.locked.data), self.reason.data or "")


class DetailsForm(Form):
    """Name, address and location of a user."""

    name = name_of(lazy_gettext("Name"), lazy_gettext("Enter the person's name."))
    email = StringField(lazy_gettext("Email address"),
                        [DataRequired(lazy_gettext("Enter the person's email address.")),
                         Length(max=254, message=lazy_gettext("Use at most 254 characters."))],
                        filters=[stripped], render_kw={"type": "email", "autocomplete": "off"})
    location = SelectField(lazy_gettext("Location"), validators=[DataRequired(lazy_gettext("Choose a location."))])
    version = Version()

    def __init__(self, locations: list[Any], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.location.choices = [(one.ref, one.name) for one in locations]

    def validate_email(self, field: StringField) -> None:
        """Only the shape; whether it arrives, the person will tell."""
        if field.data and not EMAIL.fullmatch(field.data):
            raise ValidationError(gettext("Enter an address with an @, such as name@example.com."))


class NewUserForm(DetailsForm):
    """A new user, with a number if there is one already."""

    number = StringField(lazy_gettext("Number"), filters=[stripped],
                         render_kw={"type": "tel", "autocomplete": "off", "list": "free-numbers"})


class NumberForm(Form):
    """A primary number."""

    number = StringField(lazy_gettext("Number"), [DataRequired(lazy_gettext("Enter a number."))], filters=[stripped],
                         render_kw={"type": "tel", "autocomplete": "off", "list": "free-numbers"})


class RoleForm(Form):
    """Roles that an administrator hands out."""

    admin = BooleanField(lazy_gettext("Administrator"))
    auditor = BooleanField(lazy_gettext("Auditor"))


class LocationForm(Form):
    """A new location; its PSTN connection is the provider's to set."""

    name = name_of(lazy_gettext("Name"), lazy_gettext("Enter the name of the location."))
    country = SelectField(lazy_gettext("Country"))
    time_zone = SelectField(lazy_gettext("Time zone"))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.country.choices = countries()
        self.time_zone.choices = [(name, name) for name in pages.zones()]


def countries() -> list[tuple[str, str]]:
    """All countries by name, the United States and Canada first."""
    from flask_babel import get_locale

    named = {code: name for code, name in get_locale().territories.items() if len(code) == 2 and code.isalpha()}
    first = [(code, wording.country(code)) for code in sorted(HOME, reverse=True)]
    return first + sorted(((code, name) for code, name in named.items() if code not in HOME | {"ZZ", "XA", "XB"}),
                          key=lambda pair: pair[1])


class OrganizationForm(Form):
    """What administrators set about their organization."""

    name = name_of(lazy_gettext("Name"), lazy_gettext("Enter the name of the organization."))
    reply_name = StringField(lazy_gettext("Name in automatic replies"),
                             [Length(max=30, message=lazy_gettext("Use at most 30 characters."))], filters=[stripped])
    help_contact = StringField(lazy_gettext("Help contact"),
                               [Length(max=80, message=lazy_gettext("Use at most 80 characters."))], filters=[stripped])
    version = Version()

    def _plain(self, field: StringField) -> None:
        strange = sorted({char for char in field.data or "" if not PLAIN.fullmatch(char)})
        if strange:
            raise ValidationError(gettext(
                "Use plain letters, digits and punctuation. Not possible here: %(characters)s",
                characters=" ".join(strange)))

    validate_reply_name = validate_help_contact = _plain


class CheckForm(Form):
    """A person, a number and a text to check."""

    user = StringField(lazy_gettext("User"), [DataRequired(lazy_gettext("Enter the user's name, address or number."))],
                       filters=[stripped], render_kw={"autocomplete": "off"})
    number = StringField(lazy_gettext("Number"), filters=[stripped], render_kw={"type": "tel", "autocomplete": "off"})
    text = TextAreaField(lazy_gettext("Text"), render_kw={"rows": 3})
