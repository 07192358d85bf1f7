"""Cases in words: what the sent log says, how much time is left, and what an operator can choose."""

from datetime import timedelta

from flask_babel import format_decimal, gettext, ngettext

from portal.marks import N_
from portal.rules.cases import CaseState

# How the wording of another sender is like the reported one.
LIKENESS = {
    "same": N_("the same words"), "alike": N_("nearly the same words"), "linked": N_("the same link or number"),
}
WHOSE = {"": N_("All"), "me": N_("Mine"), "nobody": N_("Nobody's")}
FINDINGS = {
    CaseState.UPHELD: N_("Broke the rules"),
    CaseState.NOT_UPHELD: N_("Did not break the rules"),
    CaseState.DUPLICATE: N_("Duplicate of"),
}
MEASURES = {"": N_("Nothing"), "throttle": N_("Slow down sender"), "block": N_("Block sender")}
WHOM = {"user": N_("The user"), "number": N_("This number"), "organization": N_("The whole organization")}
# What the sender reads.
SENDER_SLOWED = N_("Texts are slowed down to %(per_minute)s a minute. Reason: %(cause)s. Until: %(until)s.")


def time_left_in_words(left: timedelta) -> str:
    """The time to a target in words; a negative time is late."""
    minutes = int(abs(left).total_seconds() // 60)
    late = left < timedelta(0)
    if minutes >= 48 * 60:
        return _days(minutes // 1440, late=late)
    if minutes >= 60:
        hours = format_decimal(minutes // 60)
        return str(gettext("%(many)s h late", many=hours) if late else gettext("%(many)s h left", many=hours))
    return str(gettext("%(many)s min late", many=minutes) if late else gettext("%(many)s min left", many=minutes))


def _days(many: int, *, late: bool) -> str:
    shown = format_decimal(many)
    if late:
        return str(ngettext("%(count)s day late", "%(count)s days late", many, count=shown))
    return str(ngettext("%(count)s day left", "%(count)s days left", many, count=shown))


def evidence_in_words(texts: int, recipients: int, hours: int, stopped: int, reported: int) -> str:
    """What the sent log says about a case, in one sentence."""
    if not texts:
        return str(gettext("The sent log holds no text of this wording any more."))
    sent = ngettext("Sent %(count)s text of this wording", "Sent %(count)s texts of this wording", texts,
                    count=format_decimal(texts))
    to = ngettext("to %(count)s number", "to %(count)s numbers", recipients, count=format_decimal(recipients))
    answered = ngettext("%(count)s replied STOP", "%(count)s replied STOP", stopped, count=format_decimal(stopped))
    told = ngettext("%(count)s reported it", "%(count)s reported it", reported, count=format_decimal(reported))
    return str(gettext("%(sent)s %(to)s in %(hours)s h; %(stopped)s; %(reported)s.", sent=sent, to=to,
                       hours=format_decimal(hours), stopped=answered, reported=told))
