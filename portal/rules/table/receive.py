"""RECEIVE and ANSWER: texts that come in, and automatic answers to them."""

from portal.marks import N_

from ..decision import Act, Effect, Fixer, Rule, Source
from ..numbers import NumberKind
from ..sentences import make_plural
from .use import BOTH

RECEIVING = frozenset({Act.RECEIVE})

RECEIVE = (
    Rule(
        id="inbound-international",
        title=N_("Texts from abroad"),
        acts=RECEIVING,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F20",), portal=True),
        limitation=N_("Texts from numbers outside the US and Canada do not arrive. They are counted and not shown. STOP"
                      " still counts."),
        notice=N_("The sender is abroad."),
        remedy=N_("Use another channel with people abroad."),
        fixer=Fixer.NOBODY,
        when=lambda inbound: inbound.sender.kind is NumberKind.ABROAD,
    ),
    Rule(
        id="inbound-mms",
        title=N_("Attachments of texts that come in"),
        acts=RECEIVING,
        effect=Effect.WARN,
        source=Source(editions=BOTH, facts=("F20",)),
        limitation=N_("Of a text that comes in with pictures or other attachments, only the words arrive."),
        notice=make_plural(N_("%(attached)s attachment was dropped; the words were kept."),
                           N_("%(attached)s attachments were dropped; the words were kept."), "attached"),
        remedy=N_("Ask the person to send it another way."),
        fixer=Fixer.READER,
        when=lambda inbound: inbound.attachments > 0,
        values=lambda inbound: {"attached": inbound.attachments},
    ),
    Rule(
        id="inbound-unavailable",
        title=N_("Texts to numbers that cannot receive"),
        acts=RECEIVING,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F5", "F13"), portal=True),
        limitation=N_("Nobody sees a text to a number that is unassigned or whose user has no texting. STOP still"
                      " counts. Of the rest, the portal keeps our number and the time, not the words. Administrators"
                      " see how many."),
        notice=N_("Nobody with texting has this number."),
        remedy=N_("Administrators see on the overview how many texts did not arrive."),
        fixer=Fixer.ADMIN,
        when=lambda inbound: not inbound.wanted,
    ),
)

ANSWER = (
    Rule(
        id="answer-not-possible",
        title=N_("Automatic answers"),
        acts=frozenset({Act.ANSWER}),
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("STOP, START and HELP are answered automatically, with one text: not later than %(minutes)s"
                      " minutes after the word, not where the carrier sends its own answer or the number may not send,"
                      " and HELP at most once an hour for one number."),
        notice=N_("The word counts, without an automatic answer."),
        remedy=N_("Nothing to do: the word counts all the same."),
        fixer=Fixer.NOBODY,
        system=True,
        limits={"minutes": 5},
        when=lambda answer, carrier, minutes: (
            not answer.may_send or carrier.answers_keywords or answer.age > 60 * minutes or answer.help_lately),
    ),
    Rule(
        id="answer-nobody-reads",
        title=N_("Answers to texts that nobody reads"),
        acts=frozenset({Act.ANSWER}),
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("An organization may let the portal answer texts to a number that nobody reads: without a user,"
                      " with texting off, or outside the opening hours of its location; in healthcare it does so until"
                      " an administrator turns that off. A number gets one such answer in %(hours)s hours; a number"
                      " that has opted out, a short code or a number abroad gets none."),
        notice=N_("Nobody reads the text now, and it was not answered."),
        remedy=N_("Administrators turn these answers on under Organization, and choose opening hours under Locations."),
        fixer=Fixer.ADMIN,
        system=True,
        limits={"hours": 12},
        when=lambda answer, hours: answer.unread and (
            not answer.wanted or (answer.told_ago is not None and 0 <= answer.told_ago < 3600 * hours)),
    ),
    Rule(
        id="answer-stopped",
        title=N_("Texts have stopped"),
        acts=frozenset({Act.ANSWER}),
        effect=Effect.BLOCK,
        source=Source(law=N_("US law: 47 CFR 64.1200(a)(12)"), portal=True),
        limitation=make_plural(
            N_("Where texts to a person stop without the word STOP, because of their wording or a request on the web,"
               " one automatic text tells them so and how to get texts again, at most once in %(days)s day."),
            N_("Where texts to a person stop without the word STOP, because of their wording or a request on the web,"
               " one automatic text tells them so and how to get texts again, at most once in %(days)s days."), "days"),
        notice=N_("This person was told lately that texts to them have stopped."),
        remedy=N_("Nothing to do: no more texts go to them all the same."),
        fixer=Fixer.NOBODY,
        system=True,
        limits={"days": 30},
        when=lambda answer, days: answer.stop_told_ago is not None and 0 <= answer.stop_told_ago < days * 86_400,
    ),
)
