"""The pages about records and holds."""

import csv
import hashlib
import io
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.extensions import db, now, writing
from portal.models import AuditEvent, RecordsRequest, RetentionHold, User
from portal.rules.numbers import format_number
from portal.services.records import holds, requests
from tests.talks import hold, note, text_in, text_out, words

THEIRS = "+16475550110"
SHOWN = format_number(THEIRS)
ODD = 'He said "no",\n=1+1'


@pytest.fixture
def asked(inside, people):
    """`asked(released=True)`: Ada has asked for the texts with a number; gives the ref."""
    def ask(*, released=False):
        with inside():
            ada, rita = (db.session.get_one(User, people[name].id) for name in ("Ada", "Rita"))
            hold(people["Uli"].id, text_out("Hello Jane"), text_in(ODD), note("withdrawn"), theirs=THEIRS)
            one = requests.ask_for_records(ada, THEIRS, now() - timedelta(days=2), now() + timedelta(days=1),
                                           "She asked")
            if released:
                requests.decide_records_request(rita, one, released=True, answer="Checked")
            return one.ref
    return ask


def day(**by):
    return f"{now() + timedelta(**by):%Y-%m-%d}"


def actions(inside):
    with inside():
        return db.session.scalars(select(AuditEvent.action).where(
            AuditEvent.action.startswith("records-")).order_by(AuditEvent.id)).all()


def test_an_administrator_asks(browse, inside):
    browser = browse("Ada")
    answer = browser.post("/admin/records", follow_redirects=True, data={
        "number": "647 555 0110", "since": day(days=-3), "until": day(days=-1), "reason": "She asked"})
    assert "A second person has to decide" in words(answer.text)
    assert THEIRS not in answer.request.path
    assert SHOWN in words(browser.get("/admin/records").text)
    with inside():
        one = db.session.scalars(select(RecordsRequest)).one()
        # Maple Clinic is in Toronto; a change of daylight saving makes a day an hour longer or shorter.
        assert timedelta(days=2, hours=23) <= one.until - one.since <= timedelta(days=3, hours=1)


def test_what_was_typed_stays_on_errors(browse):
    answer = browse("Ada").post("/admin/records", data={"number": "12", "since": "soon", "until": day(days=-1),
                                                        "reason": "She asked"})
    assert answer.status_code == 422
    assert "Enter a day, such as 2026-05-31." in words(answer.text)
    assert all(typed in answer.text for typed in ('value="12"', 'value="soon"', 'value="She asked"'))


@pytest.mark.parametrize("name", ["Ada", "Rita", "Otto"])
def test_lists_begin_empty(browse, name):
    browser = browse(name)
    assert "Nobody has asked for texts" in words(browser.get("/admin/records").text)
    assert "No holds" in words(browser.get("/admin/records/holds").text)


def test_an_auditor_releases_and_both_read(browse, inside, asked):
    ref = asked()
    rita, ada = browse("Rita"), browse("Ada")
    assert rita.post(f"/admin/records/{ref}", data={"do": "refuse"}).status_code == 422
    assert rita.post(f"/admin/records/{ref}", data={"do": "release"}).status_code == 303
    assert rita.post(f"/admin/records/{ref}", data={"do": "release"}).status_code == 303
    for browser in (rita, ada):
        assert "Hello Jane" in words(browser.post(f"/admin/records/released/{ref}", data={"do": "page"}).text)
    assert actions(inside) == ["records-requested", "records-released", "records-read", "records-read"]
    told = words(browse("Uli").get("/notices").text)
    assert f"Ada Keller asked for all texts with {SHOWN}, including yours, and Rita Sandoval released them." in told
    assert "Texts of yours that were released" not in words(browse("Ben").get("/notices").text)


@pytest.mark.parametrize(("name", "code"), [("Uli", 403), ("Olga", 403), ("Otto", 404), ("Nobody", 401)])
def test_nobody_else_reads(browse, inside, asked, name, code):
    ref = asked(released=True)
    answer = browse(name).post(f"/admin/records/released/{ref}", data={"do": "csv"})
    assert answer.status_code == code
    assert "Hello Jane" not in answer.text
    assert actions(inside) == ["records-requested", "records-released"]


def test_nobody_reads_before_a_release(browse, inside, asked):
    ref = asked()
    for name in ("Ada", "Rita"):
        assert browse(name).post(f"/admin/records/released/{ref}", data={"do": "csv"}).status_code == 404
    assert actions(inside) == ["records-requested"]


def test_the_hashes_are_those_of_the_file(browse, inside, asked):
    ref, browser = asked(released=True), browse("Ada")
    file = browser.post(f"/admin/records/released/{ref}", data={"do": "csv"})
    assert file.headers["Content-Disposition"] == f'attachment; filename="records-{ref}.csv"'
    rows = list(csv.reader(io.StringIO(file.text, newline="")))
    assert len(rows) == 4
    assert rows[1][1:] == ["Uli Brandt", "'+14165550101", f"'{THEIRS}", "out", "delivered", "Hello Jane"]
    assert "An administrator withdrew the opt-out" in rows[3][6]
    # The other reader has another language, and the same file.
    hashes = browser.post(f"/admin/records/released/{ref}", data={"do": "hashes"}, headers={"Accept-Language": "pl"})
    whole, empty, *chain = hashes.text.splitlines()
    assert whole == f"{hashlib.sha256(file.data).hexdigest()}  records-{ref}.csv"
    before, found = "0" * 64, []
    # What the program on the page does.
    for cells in rows:
        line = io.StringIO(newline="")
        csv.writer(line, quoting=csv.QUOTE_ALL).writerow(cells)
        before = hashlib.sha256((before + line.getvalue()).encode()).hexdigest()
        found.append(before)
    assert (empty, chain) == ("", found)
    assert actions(inside)[2:] == ["records-downloaded", "records-hashes"]
    assert whole[:64] in words(browser.get("/admin/audit").text)


def test_an_operator_decides_without_a_look(browse, asked):
    ref, olga = asked(), browse("Olga")
    assert "Ada Keller of Maple Clinic" in words(olga.get("/operator/records").text)
    assert "Hello Jane" not in olga.get(f"/operator/records/{ref}").text
    assert olga.post(f"/operator/records/{ref}", data={"do": "refuse"}).status_code == 422
    assert olga.post(f"/operator/records/{ref}", data={"do": "release"}).status_code == 303
    assert "No request waits for you" in words(olga.get("/operator/records").text)
    assert olga.get(f"/operator/records/{ref}").status_code == 404
    assert browse("Ada").post(f"/admin/records/released/{ref}", data={"do": "page"}).status_code == 200


def test_the_overview_names_what_waits(browse, inside, people, asked):
    asked()
    with inside():
        ada = db.session.get_one(User, people["Ada"].id)
        holds.set_hold(ada, THEIRS, "A court asks", now() + timedelta(days=1))
    assert "1 records request waits for you" in words(browse("Rita").get("/admin/").text)
    told = words(browse("Ada").get("/admin/").text)
    assert "records request waits" not in told
    assert "due for review" not in told
    with inside(), writing() as session:
        session.execute(update(RetentionHold).values(review_at=now()))
    assert "1 hold is due for review" in words(browse("Ada").get("/admin/").text)


def test_a_hold_is_set_renewed_and_ended(browse, inside):
    browser = browse("Ada")
    sent = {"held": "uli@example.com", "reason": "A court asks", "review": day(days=30)}
    assert browser.post("/admin/records/holds", data={**sent, "review": day(days=-2)}).status_code == 422
    assert browser.post("/admin/records/holds", data=sent).status_code == 303
    again = browser.post("/admin/records/holds", data=sent)
    assert again.status_code == 422
    assert "There is a hold on this already." in words(again.text)
    with inside():
        ref = db.session.scalars(select(RetentionHold.ref)).one()
    page = browser.get(f"/admin/records/holds/{ref}")
    assert "Uli Brandt" in words(page.text)
    assert f'value="{day(days=30)}"' in page.text
    more = {"do": "renew", "reason": "", "review": day(days=60)}
    assert browser.post(f"/admin/records/holds/{ref}", data=more).status_code == 422
    assert browser.post(f"/admin/records/holds/{ref}", data={**more, "reason": "More"}).status_code == 303
    assert browser.post(f"/admin/records/holds/{ref}", data={"do": "end"}).status_code == 303
    late = browser.post(f"/admin/records/holds/{ref}", data={**more, "reason": "More"}, follow_redirects=True)
    assert "Another person has ended the hold." in words(late.text)
