"""What people read after they have pressed Undo."""

from collections.abc import Callable, Mapping, Sequence

from flask_babel import gettext, ngettext

from portal import wording
from portal.marks import N_
from portal.rules import Reason
from portal.rules.numbers import format_number
from portal.services import audit
from portal.services.undo.results import Undone, UndoResult
from portal.wording import log
from portal.wording.lists import join_names

# What holds again, by the kind of unit and the word for its setting.
SETTING_AGAIN: Mapping[str, Mapping[str, str]] = {
    "user": {"on": N_("Undone. Texting is on for %(name)s again."),
             "off": N_("Undone. Texting is off for %(name)s again."),
             "inherit": N_("Undone. %(name)s follows the default settings again.")},
    "location": {"on": N_("Undone. Texting is on at %(name)s again."),
                 "off": N_("Undone. Texting is off at %(name)s again."),
                 "on-locked": N_("Undone. Texting is on and locked at %(name)s again."),
                 "off-locked": N_("Undone. Texting is off and locked at %(name)s again."),
                 "inherit": N_("Undone. %(name)s follows the organization again.")},
    "organization": {"on": N_("Undone. Texting is on for %(name)s again."),
                     "off": N_("Undone. Texting is off for %(name)s again."),
                     "on-locked": N_("Undone. Texting is on and locked for %(name)s again."),
                     "off-locked": N_("Undone. Texting is off and locked for %(name)s again."),
                     "inherit": N_("Undone. Nothing is set for %(name)s again, so texting is off.")},
}
# How an account is again, by its state.
ACCOUNT_AGAIN = {
    "active": N_("Undone. %(name)s can sign in again. Sessions and links that were ended stay ended."),
    "invited": N_("Undone. %(name)s is active again. Links that were ended stay ended: create a new one."),
    "deactivated": N_("Undone. %(name)s is deactivated and signed out again."),
}
# Whether a member answers for a person, by whether that person is deactivated.
ANSWERS_AGAIN = {True: N_("%(member)s answers for %(name)s again."),
                 False: N_("%(member)s does not answer for %(name)s any more.")}
# So many users are named who stay as they are; the others are counted.
NAMES_SHOWN = 5


def undone_in_words(undone: Undone) -> str:
    """One or more sentences: what was undone and what stays, or why nothing was."""
    return WORDS_OF_RESULT[undone.result](undone)


def _done(undone: Undone) -> str:
    return f"{WORDS_OF_KIND[undone.kind.value](undone)} {stopped_texts_in_words(undone.stopped)}".strip()


def stopped_texts_in_words(stopped: int) -> str:
    """That texts which were stopped are not sent any more; "" without any."""
    if not stopped:
        return ""
    return str(ngettext("%(num)s text that was stopped stays stopped.",
                        "%(num)s texts that were stopped stay stopped.", stopped))


def _setting(undone: Undone) -> str:
    return str(gettext(SETTING_AGAIN[undone.subject.kind][undone.now], name=undone.subject.name))


def _many(undone: Undone) -> str:
    said = ngettext("Undone. %(num)s user has their earlier setting again.",
                    "Undone. %(num)s users have their earlier settings again.", undone.many)
    return f"{said} {left_users_in_words(undone.left)}".strip()


def left_users_in_words(left: Sequence[str]) -> str:
    """Which users stay as other people have set them since: the first few by name; "" without any."""
    if not left:
        return ""
    names, more = join_names(left), len(left) - NAMES_SHOWN
    if more > 0:
        names = str(ngettext("%(names)s and %(num)s more", "%(names)s and %(num)s more", more,
                             names=", ".join(left[:NAMES_SHOWN])))
    return str(gettext("Left as others have set them since: %(names)s.", names=names))


def _number(undone: Undone) -> str:
    name, number = undone.subject.name, format_number(undone.now)
    if not undone.now:
        return str(gettext("Undone. %(name)s has no number again.", name=name))
    if undone.waits:
        return str(gettext("Undone. %(name)s can text with %(number)s again once the provider has confirmed it.",
                           name=name, number=number))
    return str(gettext("Undone. %(name)s has the number %(number)s again.", name=name, number=number))


def _role(undone: Undone) -> str:
    return str(gettext("Undone. %(name)s has the earlier role again and has to sign in again.",
                       name=undone.subject.name))


def _details(undone: Undone) -> str:
    return str(gettext("Undone. The details of %(name)s are as they were.", name=undone.subject.name))


def _account(undone: Undone) -> str:
    said, name = ACCOUNT_AGAIN[undone.now], undone.subject.name
    who = ANSWERS_AGAIN[undone.now == "deactivated"] if undone.member else ""
    return " ".join(gettext(one, name=name, member=undone.member) for one in (said, who) if one)


def _changed_since(undone: Undone) -> str:
    if undone.left:
        return f"{gettext('Nothing was undone.')} {left_users_in_words(undone.left)}"
    if undone.since is None:
        return str(gettext("Nothing was undone: this has been changed since."))
    said = log.event_in_words(*audit.event_sentence(undone.since))
    return str(gettext("Nothing was undone, because this has been changed since: %(change)s", change=said))


def _done_before(undone: Undone) -> str:
    return str(gettext("Nothing more was done: %(name)s has undone this already.", name=undone.by))


def _too_late(_undone: Undone) -> str:
    return str(gettext("Nothing was undone: this can be undone for ten minutes only. Change it here instead."))


def _refused(undone: Undone) -> str:
    if undone.clash is not None:
        why = wording.translate_sentence(undone.clash.sentence, undone.clash.values)
    else:
        blocking: tuple[Reason, ...] = undone.decision.blocking if undone.decision is not None else ()
        told = [wording.reason_in_words(reason) for reason in blocking]
        why = " ".join(f"{one.sentence} {one.remedy}".strip() for one in told)
    return str(gettext("This cannot be undone. %(why)s", why=why))


WORDS_OF_KIND: Mapping[str, Callable[[Undone], str]] = {
    "texting": _setting, "many": _many, "number": _number, "role": _role, "details": _details, "account": _account}
WORDS_OF_RESULT: Mapping[UndoResult, Callable[[Undone], str]] = {
    UndoResult.DONE: _done, UndoResult.CHANGED_SINCE: _changed_since, UndoResult.DONE_BEFORE: _done_before,
    UndoResult.TOO_LATE: _too_late, UndoResult.REFUSED: _refused,
}
