"""REPORT: what a report of spam needs, and what is decided about it in private."""

from portal.marks import N_

from ..decision import Act, DocumentEdition, Effect, Fixer, Rule, Source
from ..facts import ReportFacts

REPORTING = frozenset({Act.REPORT})
NEWER = (DocumentEdition.POLISH,)


def _missing(report: ReportFacts) -> bool:
    asks = report.stop and not (report.own and report.number)
    return not report.sender or not (report.words or report.category or report.stop) or asks


def _flood(report: ReportFacts, most: int) -> Effect | None:
    return Effect.BLOCK if report.many > most else None


REPORT = (
    Rule(
        id="report-incomplete",
        title=N_("What a report needs"),
        acts=REPORTING,
        effect=Effect.BLOCK,
        source=Source(editions=NEWER, facts=("F25",), portal=True),
        limitation=N_("A report needs the number that sent the text, and the text itself or what kind of text it was."
                      " A person who asks the business to stop needs to give both numbers and nothing else; the"
                      " sender's must be one full number, because nobody can be asked at a short code or an email"
                      " address. A request to stop that tells of no spam counts against nobody."),
        notice=N_("Something is missing in this report."),
        remedy=N_("Fill in the fields that are marked, then send it again."),
        fixer=Fixer.READER,
        when=_missing,
    ),
    Rule(
        id="report-slow-lane",
        title=N_("Many reports at once"),
        acts=REPORTING,
        effect=Effect.HOLD,
        source=Source(portal=True),
        limitation=N_("More than %(few)s reports an hour from one source are accepted and read last; more than"
                      " %(most)s an hour are refused until later."),
        veiled=N_("Very many reports from one source are accepted and read last, or refused until later."),
        notice=N_("Many reports have come from where you are. Another one can be sent from %(again)s on."),
        remedy=N_("Keep this page open and send it again then: what you typed stays."),
        fixer=Fixer.READER,
        limits={"few": 10, "most": 100},
        when=lambda report, few: report.many > few,
        values=lambda report: {"again": report.free_at},
        effect_by=_flood,
    ),
    Rule(
        id="report-not-ours",
        title=N_("Texts of others"),
        acts=REPORTING,
        effect=Effect.NOTICE,
        source=Source(editions=NEWER, facts=("F25",)),
        limitation=N_("Only texts from this portal's numbers can be looked into here. The form does not tell whether a"
                      " number is one of them: everybody reads the same thanks."),
        notice=N_("The number that sent the text is none of this portal's."),
        remedy=N_("Forward the text to 7726, which reaches your own mobile carrier."),
        fixer=Fixer.NOBODY,
        when=lambda report: report.ours is False,
    ),
    Rule(
        id="report-again",
        title=N_("The same report again"),
        acts=REPORTING,
        effect=Effect.NOTICE,
        source=Source(editions=NEWER, facts=("F25",)),
        limitation=N_("A second report of the same sender by the same person is kept and counts once."),
        notice=N_("The same person has reported this sender before."),
        remedy=N_("Nothing to do: the first report counts."),
        fixer=Fixer.NOBODY,
        when=lambda report: report.again is True,
    ),
)
