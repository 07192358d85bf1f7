"""Carriers in words, for operators: how one is, and what came of a look at it. Never the carrier's own answer."""

from collections.abc import Mapping
from typing import NamedTuple

from flask_babel import format_decimal, gettext, ngettext

from portal.marks import N_

from .texts import cause_in_words


class CarrierWords(NamedTuple):
    """A finding about a carrier: the tone of its notice, the finding, and what to do about it ("" for nothing)."""

    tone: str
    finding: str
    remedy: str = ""

    @property
    def announced(self) -> str:
        """Both in one breath."""
        return f"{self.finding} {self.remedy}".strip()


# By how a carrier is: tone, finding, what to do.
_VERDICTS: Mapping[str, tuple[str, str, str]] = {
    "working": ("done", N_("Texts leave by this carrier, and nothing is known to be wrong."), ""),
    "untried": ("info", N_("No text has left yet."), ""),
    "unused": ("info", N_("No text leaves by this carrier yet."),
               N_("Test the connection. Then let it take all texts, or assign it on the page of an organization.")),
    "off": ("hold", N_("This carrier is turned off, and its texts wait."),
            N_("It can still tell what became of earlier texts.")),
    "failing": ("warn", N_("This carrier takes no texts at the moment, and its texts wait."),
                N_("The portal tries again by itself. Test the connection to see what is wrong.")),
    "fault": ("block", N_("This carrier does not accept the portal's account, and its texts wait."),
              N_("Look at balance and account in the carrier's own portal, or type the secrets again here. Then test"
                 " the connection: once the carrier answers, the texts leave.")),
    "needs-secrets": ("block", N_("This carrier needs its secrets again, and its texts wait."),
                      N_("The portal has none that it can read. Type them below.")),
    "no-secrets": ("block", N_("This carrier needs its secrets again, and its texts wait."),
                   N_("Its secrets are missing: type them below.")),
    "unknown-kind": ("block", N_("This version of the portal does not know this kind of carrier, and its texts wait."),
                     N_("Assign another carrier, or install a version that knows it.")),
}
# In a list, where the name of the carrier stands beside it.
_SHORT: Mapping[str, str] = {
    "working": N_("works"), "unused": N_("not used yet"), "untried": N_("not used yet"),
    "off": N_("turned off"), "failing": N_("takes no texts"),
    "fault": N_("does not accept the account"), "needs-secrets": N_("needs its secrets again"),
    "unknown-kind": N_("unknown kind"),
}
# By the code of what was wrong.
_CODES: Mapping[str, tuple[str, str]] = {
    "needs-secrets": (N_("The carrier was not asked, because the portal has no secrets for it that it can read."),
                      N_("Type them below and save.")),
    "no-connection": (N_("Nobody answers at this address."),
                      N_("If it is a program of yours: is it running? Compare address and port with what the carrier"
                         " gave you, and look whether a firewall keeps the portal from it.")),
    "forbidden-address": (N_("The address leads into a network where no carrier may be."),
                          N_("If the carrier is meant to be there, list that network in CARRIER_NETWORKS, for example"
                             " CARRIER_NETWORKS=127.0.0.0/8, and start the portal again.")),
    "no-answer": (N_("The carrier was reached, but it did not answer in time."),
                  N_("Try again in a minute. If it stays so, compare the address, or ask the carrier.")),
    "too-fast": (N_("The carrier answers, and asks the portal to come back later."), N_("Try again in a minute.")),
    "network-trouble": (N_("The carrier says that it is in trouble itself."),
                        N_("Nobody but the carrier can mend that. Look at its status page.")),
}
# By whose fault it is, where the code says no more.
_FAULTS: Mapping[str, tuple[str, str]] = {
    "account": (N_("The carrier answers, but it does not accept the account."),
                N_("Compare the account name, type the secrets again, and look at balance and account in the carrier's"
                   " own portal.")),
    "later": (N_("The carrier answers, but it cannot say how it is now."), N_("Try again in a minute.")),
    "unsure": (N_("The carrier answered something that the portal does not understand."),
               N_("Compare the address: another program may be answering there.")),
    "text": (N_("The carrier refused to be asked."), N_("Compare the settings with what the carrier gave you.")),
}


def carrier_verdict_in_words(verdict: str) -> CarrierWords:
    """How a carrier is, and what to do about it."""
    tone, finding, remedy = _VERDICTS[verdict]
    return CarrierWords(tone, str(gettext(finding)), str(gettext(remedy)) if remedy else "")


def short_verdict_in_words(verdict: str) -> str:
    """How a carrier is, in a few words that go on after its name."""
    return str(gettext(_SHORT[verdict]))


def carrier_failure_in_words(code: str, fault: str) -> CarrierWords:
    """What was wrong when a carrier was asked how it is; a code that has no words of its own is named."""
    finding, remedy = _CODES.get(code) or _FAULTS[fault]
    told = "" if code in _CODES or code in ("", "account") else gettext("The carrier's code is %(code)s.", code=code)
    return CarrierWords("block", " ".join(filter(None, (str(gettext(finding)), str(told)))), str(gettext(remedy)))


def carrier_condition_in_words(balance: str, lines: tuple[int, int] | None) -> CarrierWords:
    """What a carrier that answers says of itself: its balance and its lines, as far as it tells them."""
    told = [gettext("The carrier answers, and it accepts the account.")]
    if balance:
        told.append(gettext("The balance is %(balance)s.", balance=balance))
    if lines:
        told.append(ngettext("%(up)s of %(all)s line is up.", "%(up)s of %(all)s lines are up.", lines[1],
                             up=format_decimal(lines[0]), all=format_decimal(lines[1])))
    down = lines is not None and lines[0] < lines[1]
    return CarrierWords("warn" if down else "done", " ".join(map(str, told)),
                        str(gettext("Look at the lines that are down, there or at the carrier.")) if down else "")


def failed_texts_in_words(state: str, code: str) -> str:
    """Why texts did not arrive, as their writers read it; the state alone where nobody said why."""
    why = cause_in_words(state, code)
    return why[:1].upper() + why[1:] if why else str(gettext("The carrier gave no reason."))
