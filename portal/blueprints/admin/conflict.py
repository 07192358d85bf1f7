"""A stale form: the value another person saved, the reader's own, and a button to save the reader's anyway."""

from typing import Any

from flask import Response
from flask_babel import gettext
from wtforms import BooleanField, Field, SelectField

from portal.services.toggles import toggle
from portal.services.toggles.toggle import CurrentSetting, SettingValue, StaleSetting
from portal.web.forms import Form
from portal.web.htmx import respond
from portal.wording import SETTING_WORDS


def stale_setting_in_words(wish: SettingValue) -> str:
    """A wish in words."""
    return str(gettext(SETTING_WORDS[toggle.setting_word(wish)]))


def fields_of_setting(wish: SettingValue) -> dict[str, str]:
    """The wish as the fields of its form."""
    said = {"word": "inherit" if wish.on is None else "on" if wish.on else "off"}
    return said | ({"locked": "y", "reason": wish.reason} if wish.locked else {})


def conflict_page(stale: StaleSetting, part_id: str, here: str, page: str, heading: str) -> Response:
    """The answer 409. `here` takes the form again with the version that is there now, `page` shows theirs."""
    theirs: CurrentSetting = stale.theirs
    context: dict[str, Any] = {
        "part_id": part_id, "here": here, "page": page, "heading": heading, "name": stale.unit.name,
        "theirs": stale_setting_in_words(theirs.value), "theirs_reason": theirs.value.reason, "by": theirs.by,
        "at": theirs.at,
        "yours": stale_setting_in_words(stale.yours), "yours_reason": stale.yours.reason,
        "fields": fields_of_setting(stale.yours), "version": theirs.version,
    }
    return respond("admin/conflict.html", "admin/_conflict.html", context, ok=False, status=409,
                   title=gettext("Another person was faster"))


def add_conflict_error(form: Form, theirs: Form) -> None:
    """Say in a stale form what another person has saved since; what the reader typed stays, ready to replace it."""
    seen = [field for field in theirs if getattr(field.widget, "input_type", "") != "hidden"]
    said = "; ".join(gettext("%(label)s: %(value)s", label=field.label.text, value=field_value_in_words(field))
                     for field in seen)
    form.form_errors.append(gettext(
        "Another person has changed this since you opened the page, so nothing of yours was saved. They saved this:"
        " %(theirs)s. What you typed is still in the form. Press the button again to replace theirs.", theirs=said))
    form.version.raw_data, form.version.data = None, theirs.version.data


def field_value_in_words(field: Field) -> str:
    """What a field says, as a person would read it."""
    if isinstance(field, BooleanField):
        return str(gettext("yes") if field.data else gettext("no"))
    if isinstance(field, SelectField):
        return next((label for _value, label, chosen, _looks in field.iter_choices() if chosen), "–")
    return field.data or "–"
