"""Maple Clinic with any number of users and texts, made by the database itself: a million rows in moments.

Every fact that there is stands among the first few already, so that more users and texts are more of the same:
accounts, numbers, claims, settings, conversations of one text and of thousands, opt-outs, consents, reports, files.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, insert, literal, literal_column, select, text

from portal import extensions
from portal.extensions import db, writing
from portal.models import (
    AccountState,
    AuditEvent,
    Case,
    Claim,
    ConsentRecord,
    Conversation,
    Direction,
    Evidence,
    ImportRow,
    Location,
    LongChange,
    LongChangeUser,
    Message,
    Model,
    Number,
    OptOut,
    OptOutSource,
    OptOutState,
    Organization,
    Receipt,
    Report,
    RowOutcome,
    Setting,
    SignInSession,
    TextState,
    Upload,
    UploadState,
    User,
)
from portal.rules.cases import CaseState, Match
from portal.rules.facts import ConsentKind, Pstn
from portal.rules.numbers import NumberKind
from portal.rules.switches import Level
from portal.services.imports.reading import MOST_ROWS

PLACES = 4
# At most so many of the newest texts stand a quarter of an hour apart: more than two weeks without a gap.
RECENT = 1600


class Size(NamedTuple):
    """So many users and texts, which are added to the cast and to what it has."""

    users: int
    texts: int

    @property
    def conversations(self) -> int:
        """Besides the one that is there, which gets every fifth text."""
        return self.texts // 20


class Ids(NamedTuple):
    """What is there already, and the new rows belong to."""

    organization: int
    uli: int
    talk: int
    upload: int
    change: int
    case: int
    event: int


def sql(expression: str) -> ColumnElement[Any]:
    """An expression in `n`, which counts from 0."""
    return literal_column(expression)


def one_of(choices: Sequence[str], place: str = "n") -> ColumnElement[Any]:
    """One of the words after the other."""
    parts = "".join(f" WHEN {index} THEN '{choice}'" for index, choice in enumerate(choices))
    return sql(f"CASE ({place}) % {len(choices)}{parts} END")


def add_rows(kind: type[Model], many: int, beside: str = "", /, **columns: Any) -> int:
    """Add a row for every n below `many`; gives the id before that of the first. `beside`: joins and a condition."""
    table = db.metadata.tables[kind.__tablename__]
    last = (db.session.scalar(select(func.max(table.c.id))) or 0) if "id" in table.c else 0
    counted = select(literal(0).label("n")).cte("counted", recursive=True)
    counted = counted.union_all(select(counted.c.n + 1).where(counted.c.n < many - 1))
    values = [value if isinstance(value, ColumnElement) else literal(value, table.c[name].type)
              for name, value in columns.items()]
    rows = select(*values).add_cte(counted).select_from(text(f"counted {beside}"))
    db.session.execute(insert(table).from_select(list(columns), rows))
    return int(last)


def grow(size: Size) -> None:
    """Add users and texts, and what comes with them. For an open application context."""
    with writing() as session:
        session.execute(text("PRAGMA cache_size = -400000"))
        found = Ids(*_first_ids())
        users = _add_users(size, found)
        _add_words(size, found, users)
        _add_conversations(size, found, users)
        _add_people_outside(size, found)
        _add_reports(size, found, users)
        _add_files(size, found, users)


def _first_ids():
    uli = db.session.query(User).filter_by(email="uli@example.com").one()
    talk = db.session.query(Conversation).filter_by(user_id=uli.id).order_by(Conversation.id).first()
    yield from (uli.organization_id, uli.id, talk.id)
    for kind in (Upload, LongChange, Case, AuditEvent):
        yield db.session.scalar(select(kind.id).filter_by(organization_id=uli.organization_id).order_by(kind.id))


def _add_users(size: Size, found: Ids) -> int:
    mine = {"organization_id": found.organization}
    place = add_rows(Location, PLACES, **mine, ref=sql("printf('l%011d', n)"), name=sql("printf('Site %d', n)"),
                     name_key=sql("printf('site %d', n)"), country="CA", time_zone="America/Toronto",
                     pstn=one_of(list(Pstn)))
    # Others have a few users each, which operators count.
    others = add_rows(Organization, size.users // 1000 + 5, ref=sql("printf('o%011d', n)"),
                      name=sql("printf('Works %04d', n)"), name_key=sql("printf('works %04d', n)"))
    add_rows(Location, size.users // 1000 + 5, organization_id=sql(f"{others + 1} + n"),
             ref=sql("printf('k%011d', n)"), name="Main", name_key="main", country="CA", time_zone="America/Toronto",
             pstn=Pstn.PROVIDER)
    users = add_rows(
        User, size.users, **mine, ref=sql("printf('u%011d', n)"), location_id=sql(f"{place + 1} + n % {PLACES}"),
        name=sql("printf('User %06d', n)"), name_key=sql("printf('user %06d', n)"),
        email=sql("printf('user%d@example.com', n)"), email_key=sql("printf('user%d@example.com', n)"),
        account=one_of([AccountState.ACTIVE, AccountState.INVITED, AccountState.DEACTIVATED]),
        app_version=one_of(["42.9", "43.2", ""], "n / 3"))
    of_user = f"JOIN users ON users.id = {users + 1} + n WHERE"
    add_rows(Number, size.users, f"{of_user} n % 4", **mine, e164=sql("printf('+16472%06d', n)"),
             kind=NumberKind.PLAIN, user_id=sql("users.id"))
    # The provider confirms them from time to time, so no more wait in a larger organization.
    add_rows(Claim, size.users, f"{of_user} n % 20 = 0 AND n < 1000", **mine, ref=sql("printf('c%011d', n)"),
             e164=sql("printf('+16473%06d', n)"), kind=NumberKind.PLAIN, user_id=sql("users.id"))
    add_rows(SignInSession, size.users, f"{of_user} n % 3 = 0", ref=sql("printf('s%011d', n)"),
             key_hash=sql("printf('%064d', n)"), user_id=sql("users.id"))
    return users


def _add_words(size: Size, found: Ids, users: int) -> None:
    of_user = f"JOIN users ON users.id = {users + 1} + n"
    event = add_rows(
        AuditEvent, size.users, of_user, ref=sql("printf('e%011d', n)"), organization_id=found.organization,
        actor_name="Ada Keller", action="user-added", subject="user", subject_ref=sql("users.ref"),
        subject_name=sql("users.name"))
    add_rows(Setting, size.users, f"{of_user} WHERE n % 5 = 0", level=Level.USER, unit_id=sql("users.id"),
             organization_id=found.organization, on=sql("n % 2"), said_by="Ada Keller",
             event_id=sql(f"{event + 1} + n"))


def _add_conversations(size: Size, found: Ids, users: int) -> None:
    many, moment = size.conversations, extensions.now()
    mine = {"organization_id": found.organization}
    # Every tenth is Uli's, and the others belong to users with a number.
    owner = f"CASE WHEN n % 10 = 0 THEN {found.uli} ELSE {users + 4} + n * 7 % ({size.users} / 12) * 12 END"
    first = add_rows(
        Conversation, many, f"JOIN numbers ON numbers.user_id = {owner}", **mine, user_id=sql("numbers.user_id"),
        number_id=sql("numbers.id"), ref=sql("printf('t%011d', n)"), theirs=sql("printf('+1604%07d', 2000000 + n)"),
        name=sql("CASE n % 3 WHEN 0 THEN printf('Person %d', n) ELSE '' END"),
        name_key=sql("CASE n % 3 WHEN 0 THEN printf('person %d', n) ELSE '' END"))
    at = _moments_of_texts(size.texts, moment)
    # Some conversations get many texts, most a few.
    part = f"(n % {many})"
    talk = f"CASE WHEN n % 5 = 0 THEN {found.talk} ELSE {first + 1} + {part} * {part} / {many} END"
    text_id = add_rows(
        Message, size.texts, f"JOIN conversations ON conversations.id = {talk}", **mine,
        **{name: sql(f"conversations.{name}") for name in ("user_id", "number_id", "theirs")},
        ref=sql("printf('m%011d', n)"), conversation_id=sql("conversations.id"),
        direction=sql(f"CASE WHEN n % 3 THEN '{Direction.OUT}' ELSE '{Direction.IN}' END"),
        state=sql(f"CASE WHEN n % 3 THEN '{TextState.DELIVERED}' ELSE '{TextState.RECEIVED}' END"),
        body=sql("printf('Your appointment number %d is tomorrow at ten. Reply if you cannot come.', n)"),
        at=at, region="CA", template=sql("n % 5000"), carrier="pretend", carrier_id=sql("printf('id-%d', n)"),
        tries=1)
    add_rows(Receipt, size.texts // 10, carrier="pretend", raw="delivered", status="delivered",
             reference=sql("printf('m%011d', n * 10 + 1)"), message_id=sql(f"{text_id + 1} + n * 10 + 1"),
             at=sql(f"(SELECT at FROM messages WHERE id = {text_id + 1} + n * 10 + 1)"))
    last = "(SELECT max(id) FROM messages WHERE conversation_id = conversations.id)"
    db.session.execute(text(
        f"UPDATE conversations SET last_id = coalesce({last}, 0), unread = id % 50 = 0,"
        f" last_at = coalesce((SELECT at FROM messages WHERE id = {last}), last_at)"))
    db.session.execute(text("UPDATE conversations SET read_up_to = last_id WHERE unread = 0"))


def _moments_of_texts(many: int, moment: datetime) -> ColumnElement[Any]:
    """When the texts were sent: evenly over 300 days, and the newest a quarter of an hour apart."""
    newest = min(many, RECENT)
    past, recent = moment - timedelta(days=300), moment - timedelta(minutes=15 * newest)
    until = (recent - past).total_seconds()
    return sql(f"strftime('%Y-%m-%d %H:%M:%f000', '{past:%Y-%m-%d %H:%M:%S}', CASE WHEN n < {many - newest}"
               f" THEN n * {until / many} ELSE {until} + (n - {many - newest}) * 900 END || ' seconds')")


def _add_people_outside(size: Size, found: Ids) -> None:
    mine, many = {"organization_id": found.organization}, size.conversations // 5 + 60
    add_rows(OptOut, many, **mine, ref=sql("printf('p%011d', n)"), theirs=sql("printf('+1604%07d', 2500000 + n)"),
             consent=OptOutState.OUT, source=OptOutSource.STOP, said="STOP")
    add_rows(ConsentRecord, many, **mine, ref=sql("printf('a%011d', n)"),
             theirs=sql("printf('+1604%07d', 2000000 + n)"), kind=ConsentKind.EXPRESS, proof="Receipt",
             given_at=extensions.now() - timedelta(days=40))


def _add_reports(size: Size, found: Ids, users: int) -> None:
    many, moment = size.users // 100 + 60, extensions.now() - timedelta(days=50)
    mine = {"organization_id": found.organization, "number_id": sql("numbers.id"), "user_id": sql("numbers.user_id")}
    sender = f"JOIN numbers ON numbers.user_id = {users + 2} + n % 9 * 4"
    closed = add_rows(Case, many, sender, **mine, ref=sql("printf('d%011d', n)"), state=CaseState.NOT_UPHELD,
                      target_at=moment, closed_at=moment)
    add_rows(Report, many * 5, ref=sql("printf('R%09d', n)"), token=sql("printf('%064d', n)"), sender="+14165550101",
             matched=Match.VERIFIED, at=moment,
             case_id=sql(f"CASE WHEN n % 20 THEN {closed + 1} + n / 5 ELSE {found.case} END"))
    add_rows(Evidence, many * 5, case_id=sql(f"{closed + 1} + n / 5"), message_ref=sql("printf('v%011d', n)"),
             at=moment, body="You won!", template="1", theirs_key="key")


def _add_files(size: Size, found: Ids, users: int) -> None:
    many = size.users // 1000 + 5
    add_rows(Upload, many, ref=sql("printf('f%011d', n)"), organization_id=found.organization, user_id=found.uli,
             file_name="users.csv", state=UploadState.IMPORTED, imported_at=extensions.now(),
             done={outcome.value: 5 for outcome in RowOutcome})
    add_rows(ImportRow, min(size.users, MOST_ROWS), upload_id=found.upload, position=sql("100 + n"),
             line=sql("100 + n"), outcome=one_of([RowOutcome.CREATED, RowOutcome.CHANGED, RowOutcome.WRONG]),
             name=sql("printf('User %06d', n)"), email=sql("printf('user%d@example.com', n)"))
    add_rows(LongChangeUser, size.users, change_id=found.change, user_id=sql(f"{users + 1} + n"), version=0)
