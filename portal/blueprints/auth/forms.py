"""Forms of the front door."""

from dataclasses import dataclass
from typing import Any, Self

from flask_babel import gettext, lazy_gettext
from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, EqualTo

from portal.services.accounts import password_rules
from portal.web.forms import EMAIL_LOOKS, Form, tidy_email
from portal.web.place_fields import LongSelect, fitting_zone, make_zone_field, zone_choices
from portal.wording.languages import LANGUAGES


class SignInForm(Form):
    """Address and password; `too_many` when there were too many tries."""

    too_many = False
    email = StringField(lazy_gettext("Email address"), [DataRequired(lazy_gettext("Enter your email address."))],
                        filters=[tidy_email], render_kw={"autocomplete": "username", **EMAIL_LOOKS})
    password = PasswordField(lazy_gettext("Password"), [DataRequired(lazy_gettext("Enter your password."))],
                             render_kw={"autocomplete": "current-password"})


class PasswordForm(Form):
    """A new password, twice."""

    password = PasswordField(lazy_gettext("New password"), [DataRequired(lazy_gettext("Enter a password."))],
                             render_kw={"autocomplete": "new-password"})
    again = PasswordField(
        lazy_gettext("New password again"),
        [EqualTo("password", lazy_gettext("The two passwords differ. Enter the same one twice."))],
        render_kw={"autocomplete": "new-password"})

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.password.description = gettext(
            "At least %(most)s characters; a few words in a row are fine.", most=password_rules.SHORTEST_PASSWORD)


class ChangePasswordForm(PasswordForm):
    """The same for a person who knows the present password; `too_many` when there were too many tries."""

    too_many = False
    current_password = PasswordField(
        lazy_gettext("Present password"), [DataRequired(lazy_gettext("Enter your present password."))],
        render_kw={"autocomplete": "current-password"})


class PreferencesForm(Form):
    """One's own language and time zone."""

    language = SelectField(lazy_gettext("Language"))
    time_zone = SelectField(lazy_gettext("Time zone"), widget=LongSelect())

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        by_browser = ("", gettext("As my browser says"))
        self.language.choices = [by_browser, *LANGUAGES.items()]
        self.time_zone.choices = zone_choices("", str(gettext("As my location")), self.time_zone.data)


class ZonesForm(Form):
    """The time zone of a form in which a country was chosen."""

    time_zone = make_zone_field()

    def __init__(self, *given: Any, country: str = "", **named: Any) -> None:
        super().__init__(*given, **named)
        self.time_zone.choices = zone_choices(country, str(gettext("Choose a time zone")))

    @classmethod
    def of(cls, country: str, chosen: str) -> Self:
        """The zones of a country (ISO code, or anything), and of them the one chosen before."""
        return cls(formdata=None, country=country, data={"time_zone": fitting_zone(country, chosen)})


@dataclass(frozen=True, slots=True)
class ZonesPage:
    """The part of a form that holds the list of time zones."""

    form: ZonesForm
