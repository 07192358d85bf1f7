"""What people read after they have pressed Undo."""

from collections.abc import Callable, Mapping

from flask_babel import gettext, ngettext

from portal import wording
from portal.marks import N_
from portal.rules import Reason
from portal.services import audit
from portal.services.undo.results import Undone, UndoResult
from portal.wording import log

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


def _changed_since(undone: Undone) -> str:
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


WORDS_OF_KIND: Mapping[str, Callable[[Undone], str]] = {"texting": _setting}
WORDS_OF_RESULT: Mapping[UndoResult, Callable[[Undone], str]] = {
    UndoResult.DONE: _done, UndoResult.CHANGED_SINCE: _changed_since, UndoResult.DONE_BEFORE: _done_before,
    UndoResult.TOO_LATE: _too_late, UndoResult.REFUSED: _refused,
}
