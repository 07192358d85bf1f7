"""The effect of a change for a whole place: what is asked, the button that does it, and what was done."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import format_decimal, gettext, ngettext

from portal.marks import N_
from portal.rules.sentences import Plural, make_plural
from portal.rules.switches import SettingValue

from . import translate_sentence


class UnitAct(StrEnum):
    """What a change of the setting of a place is called."""

    ON = "on"
    OFF = "off"
    INHERIT = "inherit"
    LOCK = "lock"
    UNLOCK = "unlock"


QUESTIONS: Mapping[UnitAct, str] = {
    UnitAct.ON: N_("Turn on texting for %(name)s?"),
    UnitAct.OFF: N_("Turn off texting for %(name)s?"),
    UnitAct.INHERIT: N_("Use the organization default for %(name)s?"),
    UnitAct.LOCK: N_("Lock the setting of %(name)s?"),
    UnitAct.UNLOCK: N_("Unlock the setting of %(name)s?"),
}
BUTTONS: Mapping[UnitAct, tuple[str, Plural]] = {
    UnitAct.ON: (N_("Turn on"), make_plural(
        N_("Turn on for %(count)s person"), N_("Turn on for %(count)s people"), "count")),
    UnitAct.OFF: (N_("Turn off"), make_plural(
        N_("Turn off for %(count)s person"), N_("Turn off for %(count)s people"), "count")),
    UnitAct.INHERIT: (N_("Use the default"), make_plural(
        N_("Use the default for %(count)s person"), N_("Use the default for %(count)s people"), "count")),
    UnitAct.LOCK: (N_("Lock"), make_plural(N_("Lock for %(count)s person"), N_("Lock for %(count)s people"), "count")),
    UnitAct.UNLOCK: (N_("Unlock"), make_plural(
        N_("Unlock for %(count)s person"), N_("Unlock for %(count)s people"), "count")),
}

EFFECT_CHANGED = N_("What this depends on has changed since you opened the page. Nothing was saved; this is the effect"
                    " now.")


def act_of_change(was: SettingValue, wish: SettingValue) -> UnitAct:
    """What the change from one setting of a place to another is called."""
    if wish.on is None:
        return UnitAct.INHERIT
    if bool(was.on) is not wish.on or was.on is None:
        return UnitAct.ON if wish.on else UnitAct.OFF
    return UnitAct.LOCK if wish.locked else UnitAct.UNLOCK


def question_of_act(act: UnitAct, name: str) -> str:
    """What the reader is asked before anything is written; `name` is that of the place."""
    return str(gettext(QUESTIONS[act], name=name))


def button_of_act(act: UnitAct, many: int) -> str:
    """The button that does it, with how many people it turns on or off."""
    alone, counted = BUTTONS[act]
    return translate_sentence(counted, {"count": many}) if many else translate_sentence(alone)


def done_in_words(name: str, on: bool, many: int) -> str:
    """What holds in a place after a change, and for how many people it has changed."""
    state = gettext("Texting is on for %(name)s.", name=name) if on else gettext("Texting is off for %(name)s.",
                                                                                 name=name)
    if not many:
        return str(state)
    changed = ngettext("It changed for %(count)s person.", "It changed for %(count)s people.", many,
                       count=format_decimal(many))
    return f"{state} {changed}"
