"""The demo's conversation in Montréal: a patient writes while the clinic is closed, and later stops texts in French."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.extensions import db, writing
from portal.models import OptOut, OptOutSource, OptOutState, Organization, TextState, User
from portal.rules.keywords import Language
from portal.rules.terms import AnswerLanguage
from portal.services.texting import answers
from portal.services.texting.answer_table import AnswerKind

from .cast import WEEKDAYS
from .letters import IN, MINUTE, NOTE, OUT, DemoConversation, DemoLine, write_conversation

ZONE = ZoneInfo("America/Toronto")
CLAIRE, HUGO = "+15145550124", "+15145550125"
SUNDAY = 6


def latest_closed_evening(moment: datetime) -> datetime:
    """Eight in the evening of the last Sunday in Montréal, a day or more before a moment. The clinic is closed then."""
    day = (moment - timedelta(days=1)).astimezone(ZONE).date()
    evening = datetime.combine(day - timedelta(days=(day.weekday() - SUNDAY) % 7), time(20), ZONE)
    return evening if evening <= moment - timedelta(days=1) else evening - timedelta(days=7)


def write_in_montreal(chloe: User, moment: datetime) -> None:
    """Write what Claire and Hugo and the clinic wrote, up to this moment."""
    with writing():
        _write(chloe, moment)


def _write(chloe: User, moment: datetime) -> None:
    organization = db.session.get_one(Organization, chloe.organization_id)
    closed = latest_closed_evening(moment)
    opens = WEEKDAYS.opens_after(closed, ZONE) or closed
    told = answers.word_answer(organization, AnswerKind.CLOSED, Language.FRENCH, AnswerLanguage.BOTH,
                               answers.word_opening_time(opens.astimezone(ZONE), closed))
    stopped = answers.word_answer(organization, AnswerKind.STOP, Language.FRENCH, AnswerLanguage.BOTH)
    ago = int((moment - closed) / MINUTE)
    stop_at = moment - 5 * 60 * MINUTE
    write_conversation(chloe, DemoConversation(CLAIRE, (
        DemoLine(ago + 3000, OUT, "Bonjour, ici la clinique Maple. Vos lunettes sont arrivées."),
        DemoLine(ago, IN, "Bonsoir, êtes-vous ouverts demain?", TextState.RECEIVED),
        DemoLine(ago - 1, OUT, told, more={"automatic": True}),
        DemoLine(ago - 760, OUT, "Bonjour! Oui, de 8 h à 17 h."),
    ), name="Claire Bouchard"), moment)
    write_conversation(chloe, DemoConversation(HUGO, (
        DemoLine(310, OUT, "Bonjour, ici la clinique Maple. Nous vous attendons demain à 10 h."),
        DemoLine(300, IN, "ARRET", TextState.RECEIVED),
        DemoLine(300, NOTE, "out", TextState.RECEIVED),
        DemoLine(300, OUT, stopped, more={"automatic": True}),
    ), unread=1), moment)
    db.session.add(OptOut(organization_id=chloe.organization_id, theirs=HUGO, state=OptOutState.OUT,
                          source=OptOutSource.STOP, language=Language.FRENCH, said_at=stop_at, due_at=moment))
