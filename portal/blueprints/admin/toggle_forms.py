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


class UnitToggleForm(ToggleForm):
    """The setting of a location or of the organization, its lock, and the step that the form is at."""

    word = WordField(
        lazy_gettext("Business Texting"),
        [DataRequired(lazy_gettext("Choose one of the three settings."))],
        choices=lambda: [("inherit", gettext("Use organization default")), ("on", gettext("On")),
                         ("off", gettext("Off"))])
    locked = BooleanField(lazy_gettext("Nobody below can change this"))
    reason = StringField(lazy_gettext("Reason"), [limit_length(lengths.SETTING_REASON)],
                         filters=[strip_value])
    step = CarriedField()
    # The mark of the effect that was shown.
    effect = CarriedField()

    def validate_reason(self, field: StringField) -> None:
        """An administrator who locks a setting gives a reason: the people below read it."""
        if self.locked.data and not field.data:
            raise ValidationError(gettext("Say why it is locked; everyone the lock affects reads it."))

    @property
    def wish(self) -> SettingValue:
        """What the form asks for."""
        on = SWITCH_OF_CHOICE.get(self.word.data or "")
        return SettingValue(on, bool(self.locked.data) and on is not None, self.reason.data or "")
