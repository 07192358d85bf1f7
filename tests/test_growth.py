"""No page asks more, or makes SQLite work more, for a hundred thousand users and a million texts than for a few."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import Engine, event, update

from portal import extensions
from portal.extensions import db, writing
from portal.models import LongChange, UndoOffer, Upload, UploadState, User
from tests import cast
from tests.grown import Size, grow
from tests.security.maple import settle
from tests.security.table import FORMS, GETS, WHO

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]
# The first is small. In the second every list has more than one page, and every fact that there is has its users.
FEW, SOME, MANY = Size(40, 1_000), Size(1_000, 10_000), Size(100_000, 1_000_000)
# For lists of users: below the first, filters find few users, whom one statement sorts.
TOWN, CITY = Size(10_000, 1_000), Size(100_000, 1_000)
# Steps are counted by the hundred; a little more is noise, and what a deeper tree costs.
UNIT, SLACK, MORE = 100, 15, 1.2
# What a file holds grows with what there is, and is read in batches.
FILES = ("/admin/audit/export", "/admin/import/<ref>/errors", "/admin/opt-outs/export", "/admin/users/export",
         "/operator/cases/<ref>.csv")
# For these SQLite works more, each for what is said here.
APART = {
    "/admin/users/<ref>/deactivate": "how many conversations of that user are open",
    "/messages/new": "the names of the people whom the member has written to",
    "/operator/": "how many numbers each organization has",
    "/operator/organizations/<ref>": "how many numbers the organization has",
    "/operator/cases/<ref>": "all reports of the case",
    "/operator/inventory/<ref>": "how many numbers of the organizations are not in the file",
    "/report-spam": "cases that were decided, by the middle one of their times",
    "/report-spam/thanks/<token>": "cases that were decided, by the middle one of their times",
    "POST /admin/check": "users by a part of their name",
    "POST /search": "users by a part of their name",
    "POST /admin/consents/search": "consents by a part of a number",
    "POST /admin/opt-outs/search": "opt-outs by a part of a number",
    "POST /admin/records/released/<ref>": "a file of all texts with a number",
    "POST /admin/users/<ref>/deactivate": "all conversations of that user, which are marked",
    "POST /admin/import": "files of before, of which only the newest are kept",
    "POST /admin/opt-outs/import": "files of before, of which only the newest are kept",
    "POST /operator/organizations/<ref>/opt-outs": "files of before, of which only the newest are kept",
    "POST /operator/cases/<ref>": "all reports of the case",
    "POST /operator/cases/<ref>/assign": "all reports of the case",
    "POST /operator/cases/<ref>/reopen": "all reports of the case",
    "POST /operator/organizations/<ref>": "how many numbers the organization has",
}


# Filters and orders of the list of users.
LISTS = [f"{chosen}&sort={sort}" for chosen in (
    "", *(f"texting={word}" for word in ("can-text", "not-available", "own-setting")), "rule=number-unconfirmed",
    "rule=primary-number", "texting=can-text&rule=app-version") for sort in ("name", "-number", "location")]


class Work(NamedTuple):
    """How a request was answered, how many statements it took, and how many hundreds of SQLite's steps."""

    status: int
    statements: int
    steps: int


class Watch:
    """Counts statements and steps of all connections."""

    def __init__(self) -> None:
        self.statements = self.steps = 0

    def step(self) -> None:
        """Another hundred steps."""
        self.steps += 1

    def see(self, connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        """A statement that is about to run."""
        connection.connection.dbapi_connection.set_progress_handler(self.step, UNIT)
        self.statements += not statement.startswith(("PRAGMA", "BEGIN", "COMMIT", "ROLLBACK"))


@contextmanager
def watching() -> Iterator[Watch]:
    """What the block takes."""
    watch = Watch()
    event.listen(Engine, "before_cursor_execute", watch.see)
    try:
        yield watch
    finally:
        event.remove(Engine, "before_cursor_execute", watch.see)


def measure(ask: Any, address: str, **given: Any) -> Work:
    """What one request takes."""
    with watching() as watch:
        answer = ask(address, buffered=True, **given)
    # Whether they are valid HTML is seen at smaller sizes.
    cast.Browser.pages.clear()
    return Work(answer.status_code, watch.statements, watch.steps)


class Portal:
    """Maple Clinic with so many users and texts, and who looks at it."""

    def __init__(self, app: Flask, browse: Any, size: Size) -> None:
        with app.app_context():
            db.engine.dispose()
        self.app, self.browse, self.held = app, browse, settle(app)
        with app.app_context():
            grow(size)

    def look_at_all(self) -> dict[Any, Work]:
        """Every page of everybody, and the parts of pages that ask for news while work goes on."""
        pages = {}
        for who in WHO:
            browser = self.browse(who)
            for row in GETS:
                # An auditor's files are those of the administrator.
                if who != "Rita" or row.rule not in FILES:
                    pages[who, row.rule] = self.look(browser, row.rule)
        return {**pages, **self.look_at_progress()}

    def look(self, browser: Any, rule: str, **given: Any) -> Work:
        """A page that has been looked at before."""
        address = self.held.address(rule)
        if rule not in FILES:
            browser.get(address, buffered=True, **given)
        return measure(browser.get, address, **given)

    def look_at_lists(self) -> dict[Any, Work]:
        """The list of users by its filters and orders, its first page and the one after somebody in the middle.

        Only what finds as many users in every portal, or more than a page in each.
        """
        ada, middle = self.browse("Ada"), self.middle_user()
        pages = {}
        for query in LISTS:
            for place in ("", f"&after={middle}"):
                asked = f"/admin/users?{query}{place}"
                ada.get(asked, buffered=True)
                pages[query, bool(place)] = measure(ada.get, asked)
        return pages

    def middle_user(self) -> str:
        """The ref of somebody in the middle of the list."""
        with self.app.app_context():
            ada = db.session.query(User).filter_by(email="ada@example.com").one()
            found = db.session.query(User.ref).filter_by(organization_id=ada.organization_id).order_by(
                User.name_key, User.id)
            return str(found.offset(found.count() // 2).limit(1).scalar())

    def look_at_progress(self) -> dict[Any, Work]:
        """An import and a long change that are on their way."""
        with self.app.app_context(), writing() as session:
            session.execute(update(Upload).where(Upload.ref == self.held.upload).values(state=UploadState.IMPORTING))
            session.execute(update(LongChange).where(LongChange.ref == self.held.change).values(ended_at=None))
        ada = self.browse("Ada")
        return {("Ada, while it goes on", rule): self.look(ada, rule, part=True) for rule in (
            "/admin/import/<ref>/progress", "/admin/changes/<ref>/progress")}

    def send_all(self) -> dict[Any, Work]:
        """Every form, filled in by the first who may send it, one after the other; nothing is taken back."""
        # On a slow machine an offer to undo something would be over by now.
        with self.app.app_context(), writing() as session:
            session.execute(update(UndoOffer).values(until=extensions.now() + timedelta(hours=1)))
        sent, newest = {}, {"seen": str(10**9)}
        for row in sorted(FORMS, key=lambda row: row.rule in LAST):
            if row.passing:
                browser = self.browse(row.passing[0])
                form = self.held.form(row.rule)
                form |= {name: value for name, value in newest.items() if name in form}
                sent[row.passing[0], str(row)] = measure(browser.post, self.held.address(row.rule), data=form)
        return sent


# What comes after these would be refused.
LAST = ("/admin/users/<ref>/deactivate", "/account/password", "/sign-out")


def differing(few, many, more):
    """What is more with many than with few, by who asks for what."""
    return {asked: (work, many[asked]) for asked, work in few.items() if more(work, many[asked])}


def test_nothing_asks_or_works_more(app, browse):
    """Also what is sent; each form is answered alike, and nine in ten as the table of security says."""
    few, some, many = ({**portal.look_at_all(), **portal.send_all()} for portal in (
        Portal(app, browse, size) for size in (FEW, SOME, MANY)))
    batches = [(who, rule) for who, rule in few if rule in FILES]
    assert differing(few, many, lambda one, other: one[:2] != other[:2]).keys() <= set(batches)
    worked = differing(some, many, lambda one, other: other.steps > one.steps * MORE + SLACK)
    assert {rule: work for (_who, rule), work in worked.items() if rule not in {*FILES, *APART}} == {}
    sent = [few[who, str(row)].status for row in FORMS for who in row.passing[:1]]
    assert sent.count(303) + sent.count(200) > 0.8 * len(sent)


def test_lists_of_users_by_filter_and_order_work_no_more(app, browse):
    """Neither where a filter finds few of them nor where it finds many."""
    some, more, many = (Portal(app, browse, size).look_at_lists() for size in (SOME, TOWN, CITY))
    assert all(work.status == 200 for work in many.values())
    worked = differing(some, many, lambda one, other: other.steps > one.steps * MORE + SLACK)
    assert worked == {}
    assert differing(more, many, lambda one, other: other.statements != one.statements) == {}
