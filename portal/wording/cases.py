"""Cases in words: what the sent log says, how much time is left, and what an operator can choose."""

from datetime import datetime, timedelta

from flask_babel import format_decimal, gettext, ngettext

from portal.marks import N_
from portal.rules.cases import CaseState
from portal.rules.sentences import make_plural

from . import translate_sentence
from .moments import format_moment

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
# What an operator decides, by what the form calls it. The first three are the usual ones.
DECISIONS = {
    CaseState.NOT_UPHELD.value: N_("Did not break the rules"), "throttle": N_("Slow down sender"),
    "block": N_("Block sender"), CaseState.UPHELD.value: N_("Broke the rules, no restriction"),
    CaseState.DUPLICATE.value: N_("Duplicate of another case"),
}
# What the button says that carries a decision out.
ACTS = {
    CaseState.NOT_UPHELD.value: N_("Close the case"), CaseState.UPHELD.value: N_("Close without a restriction"),
    CaseState.DUPLICATE.value: N_("Close as a duplicate"), "throttle": N_("Slow down until %(day)s"),
    "block": N_("Block until %(day)s"),
}
WHOM = {"user": N_("The user"), "number": N_("This number"), "organization": N_("The whole organization")}
# What the sender reads.
SENDER_SLOWED = N_("Texts are slowed to %(per_minute)s a minute until %(until)s, because of %(cause)s.")


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


def act_in_words(decision: str, ends: datetime | None) -> str:
    """What the button says for a decision that ends (or not yet known: None) at a moment; "Decide" before there is one.
    """
    if decision not in ACTS:
        return str(gettext("Decide"))
    return str(gettext(ACTS[decision], day=format_moment(ends, "d MMM") if ends else "…"))


# What the sent log says about a case: a sentence for each number, since each number bends its own words.
EVIDENCE = (
    ("texts", "", make_plural(
        N_("%(texts)s such text was sent."), N_("%(texts)s such texts were sent."), "texts")),
    ("recipients", "", make_plural(
        N_("%(recipients)s person got it."), N_("%(recipients)s people got it."), "recipients")),
    ("hours", "", make_plural(N_("All within %(hours)s hour."), N_("All within %(hours)s hours."), "hours")),
    ("reported", N_("Nobody who got it reported it."), make_plural(
        N_("%(reported)s person reported it."), N_("%(reported)s people reported it."), "reported")),
    ("stopped", N_("Nobody replied STOP."), make_plural(
        N_("%(stopped)s person replied STOP."), N_("%(stopped)s people replied STOP."), "stopped")),
)


def evidence_in_words(texts: int, recipients: int, hours: int, stopped: int, reported: int) -> str:
    """What the sent log says about a case, in a few short sentences."""
    if not texts:
        return str(gettext("The sent log holds no text of this wording any more."))
    counted = {"texts": texts, "recipients": recipients, "hours": hours, "reported": reported, "stopped": stopped}
    return " ".join(translate_sentence(counts if counted[name] or not nobody else nobody, counted)
                    for name, nobody, counts in EVIDENCE)


def wording_counts_in_words(sent: int, verified: int, others: int) -> str:
    """How often one wording was sent and reported."""
    told = [gettext("sent %(count)s ×", count=format_decimal(sent)) if sent else gettext("not found in the sent log")]
    told += [gettext("reported %(count)s × verified", count=format_decimal(verified))] if verified else []
    told += [gettext("%(count)s × not verified", count=format_decimal(others))] if others else []
    return ", ".join(told)
