"""Settings of texting in words: who set what, where and when, what a person follows, and what is locked."""

from datetime import datetime

from flask_babel import gettext

from portal.rules.facts import Lock
from portal.rules.switches import EffectiveSetting, Level

from .brief import day_of_moment
from .stored import stored_in_words


def on_or_off(on: bool | None) -> str:
    """The word for a setting that holds: on or off."""
    return str(gettext("on") if on else gettext("off"))


def followed_in_words(effective: EffectiveSetting, place: str) -> str:
    """What a unit without a setting of its own follows; `place` is the name of its location."""
    if effective.level is Level.LOCATION:
        return str(gettext("follows %(place)s (%(state)s)", place=place, state=on_or_off(effective.on)))
    if effective.level is Level.ORGANIZATION:
        return str(gettext("follows the organization (%(state)s)", state=on_or_off(effective.on)))
    return str(gettext("nobody has turned texting on yet"))


def default_in_words(default: EffectiveSetting, place: str) -> str:
    """What a unit with a setting of its own would get without it; `place` is the name of its location."""
    if default.level is Level.LOCATION:
        return str(gettext("would be %(state)s (setting of %(place)s)", state=on_or_off(default.on), place=place))
    if default.level is Level.ORGANIZATION:
        return str(gettext("would be %(state)s (organization setting)", state=on_or_off(default.on)))
    return str(gettext("would be off (nobody has turned texting on yet)"))


def override_in_brief(on: bool | None) -> str:
    """A user's own setting in a word or two: on, off, or the default settings."""
    return str(gettext("default settings")) if on is None else on_or_off(on)


def set_by_in_words(on: bool | None, who: str, at: datetime | None) -> str:
    """A stored setting with its author and day: off, set by Ada Keller, 28 Nov 2026."""
    if at is None:
        return on_or_off(on)
    return str(gettext("%(state)s, set by %(who)s, %(day)s", state=on_or_off(on), who=stored_in_words(who),
                       day=day_of_moment(at)))


def locked_in_brief(effective: EffectiveSetting, place: str, organization: str) -> str:
    """Which level is locked, by the name of the location or the organization; "" where the setting is not locked."""
    if not effective.locked:
        return ""
    return str(gettext("%(place)s is locked.", place=place if effective.level is Level.LOCATION else organization))


def lock_in_words(lock: Lock) -> str:
    """Which broader level is locked, by whom and since which day."""
    return str(gettext("%(place)s is locked: %(who)s locked it on %(day)s.", place=lock.place,
                       who=stored_in_words(lock.who), day=day_of_moment(lock.at)))


def turned_off_in_words(name: str, who: str, at: datetime, *, locked: bool) -> str:
    """Who turned texting off for a person or a place, and on which day (of a moment in UTC)."""
    values = {"who": stored_in_words(who), "name": name, "day": day_of_moment(at)}
    if locked:
        return str(gettext("Texting is off. %(who)s turned it off for %(name)s on %(day)s and locked it.", **values))
    return str(gettext("Texting is off. %(who)s turned it off for %(name)s on %(day)s.", **values))
