"""The demo's paperwork: numbers with days, files, records, holds, requests on the web, who answers for a person."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from portal.extensions import now, writing
from portal.models import Conversation, Inventory, Message, Organization, StandIn, User, WebAsk
from portal.services.imports import inventories, optout_files
from portal.services.people import number_days
from portal.services.records import holds, requests
from portal.services.texting import stand_ins

from . import cast
from .diary import Diary
from .letters import IN, OUT, DemoConversation, DemoLine, write_conversation

# Frank's open conversation: Ben answers it since Frank's account was closed.
FRANKS = DemoConversation("+19055550127", (
    DemoLine(11 * 24 * 60, OUT, "Hello, this is Maple Clinic. Your new frames can be adjusted any afternoon."),
    DemoLine(10 * 24 * 60, IN, "Thanks Frank, I will come next week."),
), name="Paula Reyes")
# The five that came first block nothing: nobody here texted them. The sixth of one source waits for a decision.
WEB_ASKS = (*(f"+1613555012{last}" for last in range(1, 6)), "+19025550113")
OLD_SYSTEM = """\
Number,When,How,Note
+1 617 555 0121,{0},STOP,
617-555-0122,{1},STOP,
(617) 555-0123,{1},phone,Told the desk that she has moved
+1 617 555 0124,{2},carrier,
617 555 012,{2},STOP,
"""
INVENTORY = """\
Number,Last Number,Organization,From,Until
+1 416 555 0179,,Maple Clinic,,
+1 416 555 0180,+1 416 555 0189,Maple Clinic,,
"""


def date_numbers(olga: User, maple: Organization, moment: datetime) -> None:
    """One number comes in ten days, one leaves in nine, and one has left."""
    today = number_days.current_day("America/Toronto", moment)
    for number, begin, end in ((cast.COMING_NUMBER, 10, None), (cast.LEAVING_NUMBER, None, 9),
                               (cast.GONE_NUMBER, None, -4)):
        begin_on, end_on = (None if days is None else today + timedelta(days=days) for days in (begin, end))
        number_days.set_number_dates(olga, maple, [f"+1{number}"], begin_on, end_on)


def bring_optouts(ada: User, maple: Organization, diary: Diary) -> None:
    """Ada brings the opt-outs of Boston's earlier system; one row of the file could not be read."""
    days = [(diary.moment - timedelta(days=ago)).date().isoformat() for ago in (400, 90, 30)]
    kept = optout_files.store_optout_file(ada, maple, "opt-outs Boston.csv", OLD_SYSTEM.format(*days).encode())
    optout_files.import_optout_file(ada, maple, kept)
    with writing():
        kept.imported_at = diary.moment


def upload_inventory(olga: User) -> Inventory:
    """Olga has uploaded which numbers Maple Clinic has, and not carried it out yet."""
    return inventories.store_inventory(olga, "Maple Clinic numbers.csv", INVENTORY.encode())


def keep_records(ada: User, rita: User, diary: Diary) -> None:
    """A hold on a number, a request that waits for Rita, the auditor, and one that she has released."""
    holds.set_hold(ada, "+16475550110", "A lawyer's letter asks us to keep the texts with this patient.",
                   now() + timedelta(days=90))
    released = requests.ask_for_records(ada, "+14165550153", now() - timedelta(days=90), now(),
                                        "The privacy officer asks what was sent after STOP.")
    requests.decide_records_request(rita, released, released=True, answer="")
    requests.ask_for_records(ada, "+16475550123", now() - timedelta(days=60), now(),
                             "The patient asked for a copy of her texts.")
    with writing():
        released.decided_at, released.ends_at = diary.moment, diary.moment + requests.RELEASED_FOR


def leave_with_stand_in(ada: User, frank: User, ben: User, diary: Diary) -> None:
    """Frank leaves; Ben answers his open conversation from now on."""
    with writing():
        write_conversation(frank, FRANKS, now())
    stand_ins.deactivate_with_stand_in(ada, frank, ben.email)
    handed = select(Conversation.id).where(Conversation.user_id == ben.id, Conversation.theirs == FRANKS.theirs)
    with writing() as session:
        session.execute(update(StandIn).values(at=diary.moment))
        session.execute(update(Message).where(Message.conversation_id.in_(handed)).values(at=diary.moment))
        session.execute(update(Conversation).where(Conversation.id.in_(handed)).values(last_at=diary.moment))


def ask_on_the_web(maple: Organization, moment: datetime) -> None:
    """One source asked for six numbers within an hour that Maple Clinic stop texting them."""
    with writing() as session:
        session.add_all(WebAsk(organization_id=maple.id, theirs=theirs, at=moment - timedelta(minutes=240 - 6 * index),
                               waits=theirs == WEB_ASKS[-1]) for index, theirs in enumerate(WEB_ASKS))
