"""The rule table: every rule of the portal is one row in here and nowhere else."""

from dataclasses import dataclass
from datetime import date

from portal.marks import N_

from ..decision import Rule
from ..sentences import Sentence, make_plural
from .caps import CAPS
from .contact import CONTACT, WARNINGS
from .inform import INFORM
from .receive import ANSWER, RECEIVE
from .report import REPORT
from .send import EMERGENCY, SEND
from .sender import SENDER
from .switch import SWITCH
from .use import USE

RULES: tuple[Rule, ...] = (
    *EMERGENCY, *USE, *SWITCH, *SEND, *CONTACT, *SENDER, *CAPS, *WARNINGS, *RECEIVE, *ANSWER, *REPORT, *INFORM,
)


@dataclass(frozen=True, slots=True)
class ShortLine:
    """One of the seven lines above all limitations, and the rules that say it in full."""

    sentence: Sentence
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableEdition:
    """A dated edition of the table: what changed, by rule id."""

    number: int
    day: date
    what: Sentence
    rules: tuple[str, ...] = ()


IN_SHORT = (
    ShortLine(make_plural(N_("Texts are kept for %(days)s day."), N_("Texts are kept for %(days)s days."), "days"),
              ("retention-400",)),
    ShortLine(N_("Nobody can change how long they are kept."), ("retention-fixed",)),
    ShortLine(N_("There is no events API and no eDiscovery."), ("no-events-no-ediscovery",)),
    ShortLine(N_("No pictures (MMS) and no international texts, in either direction."),
              ("mms", "international", "inbound-international", "inbound-mms")),
    ShortLine(N_("Texting is not unlimited."), ("not-unlimited",)),
    ShortLine(N_("The provider, its suppliers or the carriers may block or slow down what is not reasonable use."),
              ("carriers-may-block", "sole-discretion")),
    ShortLine(N_("The offer document says what texting may be used for."), ("authorized-use",)),
)

EDITIONS = (
    TableEdition(1, date(2026, 11, 22), N_("First edition.")),
    TableEdition(2, date(2026, 11, 22),
                 N_("Rules about recipients, about texts that come in and about automatic answers."),
                 tuple(rule.id for rule in (*CONTACT, *WARNINGS, *RECEIVE, *ANSWER))),
    TableEdition(3, date(2026, 11, 22), N_("Rules about reports of spam, and what follows from them."),
                 (*(rule.id for rule in REPORT), "reports-count")),
    TableEdition(4, date(2026, 11, 28), N_("Numbers in new area codes can be texted, with a warning."),
                 ("unknown-area-code",)),
    TableEdition(5, date(2026, 11, 28), N_("A warning where a person asked on the web that a number be left alone."),
                 ("web-asked",)),
    TableEdition(6, date(2026, 11, 28),
                 N_("Numbers that administrators enter count once the provider has confirmed them."),
                 ("number-unconfirmed",)),
    TableEdition(7, date(2026, 11, 28), N_("What reports of fraud lead to, in clearer words."), ("reports-count",)),
    TableEdition(8, date(2026, 11, 29), N_("Rules that hold in law and in a clinic."),
                 ("daily-brand", "campaign", "emergency", "crisis-line", "quiet-hours",
                  "asks-for-keyword", "opt-out-kept", "carrier-blocked",
                  "answer-nobody-reads", "first-contact", "no-consent", "say-who-you-are",
                  "web-request-waits", "answer-stopped", "retention-hold",
                  "maybe-opted-out",
                  "number-coming", "number-gone", "number-leaving")),
    TableEdition(9, date(2026, 11, 29),
                 N_("Oregon's hours, and sources and sentences that say more exactly what is law and what this portal"
                    " has set."),
                 ("quiet-hours", "crisis-line", "hipaa-unacknowledged", "opted-out", "maybe-opted-out", "campaign",
                  "blocked", "throttled", "daily-brand", "inbound-international", "inbound-unavailable",
                  "answer-nobody-reads", "own-setting-wins", "retention-400", "retention-hold", "not-unlimited",
                  "sole-discretion", "hipaa")),
    TableEdition(10, date(2026, 11, 29),
                 N_("A request on the web to stop texts needs the two numbers only, and counts against nobody."),
                 ("report-incomplete",)),
    TableEdition(11, date(2026, 11, 29), N_("Sentences that name who acts."),
                 ("burst", "daily-brand", "maybe-opted-out", "web-request-waits", "quiet-hours", "web-asked",
                  "first-contact", "opt-out-kept", "answer-not-possible", "no-effect-yet")),
    TableEdition(12, date(2026, 11, 29), N_("Shorter sentences, which say what it means and what to do."),
                 ("crisis-line", "number-unreadable", "special-number", "own-number", "fiction-number", "too-long",
                  "campaign", "app-version", "blocked", "throttled", "queue-full", "burst", "repeated", "daily-user",
                  "daily-recipients", "daily-brand", "opted-out", "maybe-opted-out", "web-asked", "first-contact",
                  "inbound-international", "inbound-unavailable", "answer-not-possible", "answer-nobody-reads",
                  "not-yours", "locked-above", "hipaa-unacknowledged", "no-effect-yet", "customer-type",
                  "location-pstn", "number-coming", "number-gone", "number-leaving", "texting-off", "not-unlimited",
                  "carriers-may-block", "reports-count")),
)
