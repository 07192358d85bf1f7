"""Forms of the toggle: the texting setting of one level."""

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, RadioField, StringField, ValidationError
from wtforms.validators import DataRequired
from wtforms.widgets import HiddenInput

from portal import lengths
from portal.services.toggles.toggle import SettingValue
from portal.web.forms import CarriedField, Form, VersionField, limit_length, strip_value

SWITCH_OF_CHOICE = {"inherit": None, "on": True, "off": False}


class ToggleForm(Form):
    """A form that knows from which version of the setting it was made."""

    version = VersionField()

    @property
    def seen(self) -> int:
        """The version that the form was made from; 0 if nothing was set, or if the browser sent none."""
        return self.version.data or 0


class WordField(RadioField):
    """What a press asks for: the button says it, and nobody sees a field."""

    widget = HiddenInput()


class UserToggleForm(ToggleForm):
    """The choice of the help document, for one user."""

    @property
    def wish(self) -> SettingValue:
        """The choice in the form."""
        return SettingValue(SWITCH_OF_CHOICE[self.word.data])

    word = WordField(
        lazy_gettext("Business Texting"),
        [DataRequired(lazy_gettext("Choose one of the three settings."))],
        choices=lambda: [("inherit", gettext("Use organization default settings")),
                         ("on", gettext("Override default settings: on")),
                         ("off", gettext("Override default settings: off"))])


class LockableToggleForm(ToggleForm):
    """The lock and its reason, for the levels that can lock a setting."""

    locked = BooleanField(lazy_gettext("Users cannot change this"))
    reason = StringField(lazy_gettext("Reason"), [limit_length(lengths.SETTING_REASON)],
                         filters=[strip_value])

    def validate_reason(self, field: StringField) -> None:
        """An administrator who locks a setting gives a reason: the people below read it."""
        if self.locked.data and not field.data:
            raise ValidationError(gettext("Say why it is locked; everybody who meets the lock reads it."))


class LocationToggleForm(LockableToggleForm):
    """The setting of a location."""

    word = RadioField(
        lazy_gettext("Business Texting for all users at this location"),
        [DataRequired(lazy_gettext("Choose one of the three settings."))],
        choices=lambda: [("inherit", gettext("Use organization default")), ("on", gettext("On")),
                         ("off", gettext("Off"))])

    @property
    def wish(self) -> SettingValue:
        """The choice in the form."""
        on = SWITCH_OF_CHOICE.get(self.word.data or "")
        return SettingValue(on, bool(self.locked.data) and on is not None, self.reason.data or "")


class OrganizationToggleForm(LockableToggleForm):
    """The setting of the organization, with the step that the form is at."""

    on = BooleanField(lazy_gettext("Enable Business Texting for all users at all locations"))
    locked = BooleanField(lazy_gettext("Locations and users cannot change this"))
    step = CarriedField()

    @property
    def wish(self) -> SettingValue:
        """The choice in the form."""
        return SettingValue(bool(self.on.data), bool(self.locked.data), self.reason.data or "")
