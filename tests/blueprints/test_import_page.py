"""The page Import users: check, import, errors, links, export."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from portal.extensions import db, writing
from portal.models import AccountState, AuditEvent, Upload, UploadContent, User
from portal.processes.long_work import check_file
from portal.services.imports import check_work, checks, uploads
from portal.services.upkeep import housekeeping
from portal.web import downloads
from tests import talks
from tests.data import control_hub
from tests.data.files import EMAIL, table, user_csv

ULI, BEN, NEW = ({EMAIL: f"{name}@example.com"} for name in ("uli", "ben", "new"))
NEWCOMER = {**NEW, "Display Name": "Nia <b>New</b>", "Location": "Toronto", "Phone Number": "416 555 0161"}
WRONG = {**BEN, "Location": "Atlantis"}


def upload(browser, *rows, content=None, name="users.csv"):
    """Upload a file and return the address that the answer leads to."""
    answer = browser.post("/admin/import", data={"file": (io.BytesIO(content or user_csv(*rows)), name)})
    assert answer.status_code == 303, answer.text
    return answer.location


def send(browser, content):
    """The same with a body of our own: the test client leaves a large one of its making in an open file."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="users.csv"\r\n\r\n'
    return browser.open(
        "/admin/import", method="POST", data=head + content + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x", headers={"X-CSRFToken": browser.token()})


def seal(page):
    return re.search(r'name="seen" value="([^"]*)"', page.text)[1]


def run(browser, address):
    return browser.post(address, data={"seen": seal(browser.get(address))}, follow_redirects=True)


def count(inside, what):
    with inside():
        return db.session.scalar(select(func.count()).select_from(what))


def test_the_way_from_the_file_to_the_links(browse, inside):
    ada = browse("Ada")
    start = ada.get("/admin/import")
    assert "<h1>Import users</h1>" in start.text
    assert "CSV file" in start.text
    assert "Check file" in start.text
    address = upload(ada, NEWCOMER, {**ULI, "App Version": "44.0"}, WRONG)
    page = ada.get(address)
    assert "What this file would do" in page.text
    assert "Nothing has been changed yet." in page.text
    assert "Nia &lt;b&gt;New&lt;/b&gt;" in page.text
    assert "App Version: 43.2 → 44.0" in page.text
    assert "Phone Number: +1 416 555 0161" in page.text
    assert "2 rows will be imported." in page.text
    assert "1 wrong row will be skipped." in page.text
    assert "There is no location Atlantis." in page.text
    result = run(ada, address)
    assert "Imported: 1 new, 1 changed, 1 left out." in result.text
    assert "What was imported" in result.text
    links = ada.post(f"{address}/links")
    assert links.mimetype == "text/csv"
    assert links.headers["Content-Disposition"] == 'attachment; filename="sign-in-links.csv"'
    row, = table(links.data)
    assert (row["name"], row["email"]) == ("Nia <b>New</b>", "new@example.com")
    assert re.fullmatch(r"http://127\.0\.0\.1:5000/welcome/[\w-]{32}", row["link"])
    welcome = browse().get(row["link"].removeprefix("http://127.0.0.1:5000"))
    assert "Choose your password" in welcome.text
    again = ada.post(f"{address}/links", follow_redirects=True)
    assert "were handed out already" in again.text
    assert "Download sign-in links" not in again.text


def test_how_the_file_was_read_is_told(browse):
    page = browse("Ada").get(upload(browse("Ada"), content=control_hub.book().write()))
    for words in ("User export of Control Hub", "Windows-1252", "semicolon", "Hybrid Message (Suspended)", "Extension",
                  "320", "columns were ignored", "Time zone: Mars/Olympus_Mons (52 rows)", "more rows are not shown."):
        assert words in page.text
    assert page.text.count("<tr>") == 2 * (1 + 10)


def test_only_operators_set_the_source_and_others_are_told(browse, inside, people):
    rows = {**ULI, "Number Source": "OTHER"}
    page = browse("Ada").get(upload(browse("Ada"), rows))
    assert "Number Source (only the provider sets it)" in page.text
    assert "There is nothing to import" in page.text
    with inside(), writing() as session:
        session.get_one(User, people["Ada"].id).operator = True
    page = browse("Ada").get(upload(browse("Ada"), rows))
    assert "Number Source: OTHER" in page.text
    assert "only the provider" not in page.text


@pytest.mark.parametrize(("content", "part"), [
    (b"", "The file is empty."), (b"a,b\n1,2\n", "The column User ID/Email (Required) is missing."),
    (b"PK\x03\x04", "This is a spreadsheet"),
    (user_csv({EMAIL: "x@example.com", "Location": "A"}).split(b"\r\n")[0], "no rows"),
    (user_csv(*({EMAIL: f"{index}@example.com"} for index in range(20_001))), "more than 20,000 rows")])
def test_a_file_that_cannot_be_read_is_refused_in_place(browse, inside, content, part):
    answer = browse("Ada").post("/admin/import", data={"file": (io.BytesIO(content), "users.csv")})
    assert answer.status_code == 422
    assert "<title>Error:" in answer.text
    assert answer.text.count(part) == 2, "once in the summary, once at the field"
    assert count(inside, Upload) == 0


def test_no_file_at_all(browse):
    answer = browse("Ada").post("/admin/import", data={})
    assert answer.status_code == 422
    assert "Choose a file." in answer.text


def test_ten_megabytes_are_too_much_and_less_is_not(browse):
    big = user_csv({**NEWCOMER, "Title": "x"}) + b",,,,\r\n" * 1_500_000
    assert len(big) > 9_000_000
    assert send(browse("Ada"), big).location.startswith("/admin/import/")
    assert send(browse("Ada"), b"x" * 10_500_000).status_code == 413


def test_a_file_with_too_many_columns_is_refused_in_place(browse, inside):
    for wide in (f"{EMAIL},Location{',c' * 199}\r\na@example.com,Toronto\r\n".encode(), b"x," * 4_900_000):
        answer = send(browse("Ada"), wide)
        assert answer.status_code == 422
        assert "The file has more than 200 columns, as line 1 shows." in answer.text
        assert len(answer.text) < 40_000
    assert count(inside, Upload) == 0


def test_the_error_file_is_sent_piece_by_piece(browse):
    wide = f"{EMAIL},Location{',c' * 198}\r\n" + ",Toronto\r\n" * 300
    ada = browse("Ada")
    answer = ada.get(f"{upload(ada, content=wide.encode())}/errors", buffered=False)
    pieces = list(answer.response)
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= downloads.SENT_AT_ONCE
    rows = table(b"".join(pieces))
    assert len(rows) == 300
    assert rows[0]["Error"].startswith("There is no email address.")


def test_only_so_much_is_kept_of_an_organizations_files(browse, inside, monkeypatch):
    """L6: the oldest content goes, the newest stays whatever its size, and other organizations keep theirs."""
    ada, otto = browse("Ada"), browse("Otto")
    other = upload(otto, NEWCOMER)
    size = len(user_csv(NEWCOMER))
    monkeypatch.setattr(uploads, "BYTES_KEPT", 3 * size)
    held = [upload(ada, NEWCOMER) for _ in range(5)]
    with inside():
        kept = db.session.execute(select(UploadContent.upload_id.is_not(None), Upload.size).outerjoin(
            UploadContent, UploadContent.upload_id == Upload.id).order_by(Upload.id)).all()
    assert kept == [(True, size), (False, size), (False, size), (True, size), (True, size), (True, size)]
    assert "or newer files took its place" in ada.get(held[0]).text
    assert "1 row will be imported." in ada.get(held[4]).text
    assert "took its place" not in otto.get(other).text
    upload(ada, *({**NEWCOMER, EMAIL: f"u{n}@example.com"} for n in range(9)))
    with inside():
        assert db.session.scalar(select(func.count(UploadContent.upload_id))) == 2


def test_people_who_are_inactive_come_closed_and_get_no_link(browse, inside):
    ada = browse("Ada")
    address = upload(ada, {**NEWCOMER, "User Status": "Inactive"}, {**ULI, "User Status": "Inactive"})
    page = ada.get(address).text
    assert "User Status: Inactive" in page
    result = run(ada, address)
    assert "1 new, 0 changed" in result.text
    assert "Download sign-in links" not in result.text
    with inside():
        new = db.session.scalars(select(User).where(User.email == "new@example.com")).one()
        assert new.account is AccountState.DEACTIVATED
        told = select(AuditEvent.action).where(AuditEvent.subject_ref == new.ref).order_by(AuditEvent.id)
        assert list(db.session.scalars(told))[:2] == ["user-added", "deactivated"]
        assert db.session.scalars(select(User).where(User.email
                                                     == "uli@example.com")).one().account is AccountState.ACTIVE
    assert "There is nothing to import" in ada.get(upload(ada, content=ada.get("/admin/users/export").data)).text


def test_a_file_of_leavers_leads_to_who_answers_for_them(browse, inside, people):
    ada, uli = browse("Ada"), people["Uli"]
    with inside():
        talks.hold(uli.id, talks.text_in("When?"))
    address = upload(ada, {**ULI, "User Status": "Inactive"}, NEWCOMER)
    for page in (ada.get(address).text, run(ada, address).text):
        assert "1 person is inactive in this file and active here." in talks.words(page)
        assert f'href="/admin/users/{uli.ref}"' in page
    unanswered = "open conversation of a deactivated person"
    assert unanswered not in talks.words(ada.get("/admin/").text)
    asked = ada.post(f"/admin/users/{uli.ref}/account", data={"account-to": "deactivated"}).location
    assert "Who answers" in talks.words(ada.get(asked).text)
    ada.post(asked, data={"answers": ""})
    assert f"1 {unanswered}" in talks.words(ada.get("/admin/").text)
    again = ada.get(upload(ada, {**ULI, "User Status": "Inactive"})).text
    assert "inactive in this file" not in again, "the account is closed now"


def test_a_location_with_hidden_characters_is_found(browse):
    page = browse("Ada").get(upload(browse("Ada"), {**NEWCOMER, "Location": "Toronto\u200b"},
                                    {**BEN, "Location": "\u202eHalifax\u00ad"})).text
    assert "There is no location" not in page
    assert "Location: Toronto → Halifax" in page


def test_hidden_characters_in_columns_that_are_not_read_do_not_hide(browse):
    page = browse("Ada").get(upload(browse("Ada"), {**NEWCOMER, "Ext\u202eension": "1"})).text
    assert "\u202e" not in page
    assert "Extension" in page


def test_names_show_whether_the_encoding_was_guessed_well(browse):
    ada = browse("Ada")
    named = [{**NEWCOMER, EMAIL: f"u{n}@example.com", "Display Name": name}
             for n, name in enumerate(["Ann", "Jürgen", "Zoë", "René", "Søren"])]
    page = ada.get(upload(ada, content=user_csv(*named, encoding="cp1252"))).text
    assert "See whether these names are right" in page
    assert "<li><bdi>Jürgen</bdi></li><li><bdi>Zoë</bdi></li><li><bdi>René</bdi></li></ul>" in page
    assert "See whether" not in ada.get(upload(ada, *named)).text


@pytest.mark.parametrize(("typed", "said"), [
    ("14165550160.0", "A spreadsheet has changed it."), ("4,165,550,160", "A spreadsheet has changed it."),
    ("416 555 0160 / 416 555 0161", "There is more than one number.")])
def test_what_became_of_a_number_is_said(browse, typed, said):
    assert said in browse("Ada").get(upload(browse("Ada"), {**BEN, "Phone Number": typed})).text


def test_looking_changes_nothing(browse, inside):
    before = count(inside, AuditEvent)
    address = upload(browse("Ada"), NEWCOMER, WRONG)
    for _ in range(2):
        assert browse("Ada").get(address).status_code == 200
    browse("Ada").get(f"{address}/errors")
    assert browse("Ada").get(f"{address}/links").location == address
    assert count(inside, AuditEvent) == before
    with inside():
        assert db.session.scalars(select(User).where(User.email == "new@example.com")).first() is None


def test_the_second_window_changes_nothing(browse, inside):
    ada = browse("Ada")
    address = upload(ada, NEWCOMER)
    seen = seal(ada.get(address))
    ada.post(address, data={"seen": seen})
    before = count(inside, AuditEvent)
    again = ada.post(address, data={"seen": seen}, follow_redirects=True)
    assert "This file was imported already. Nothing was changed." in again.text
    assert count(inside, AuditEvent) == before


def test_what_changed_after_the_check_is_left_out_and_named(browse, inside, people):
    ada = browse("Ada")
    address = upload(ada, {**ULI, "App Version": "44.0"}, {**BEN, "App Version": "44.0"})
    seen = seal(ada.get(address))
    with inside(), writing() as session:
        session.get_one(User, people["Ben"].id).app_version = "45.0"
    page = ada.post(address, data={"seen": seen}, follow_redirects=True)
    assert "1 changed, 1 left out" in page.text
    assert "Another person changed this record after the check" in page.text
    row, = table(ada.get(f"{address}/errors").data)
    assert row[EMAIL] == "ben@example.com"
    assert row["Error"].startswith("Another person changed this record")


def test_a_forged_order_imports_nothing(browse, inside):
    address = upload(browse("Ada"), NEWCOMER)
    page = browse("Ada").post(address, data={"seen": "nonsense"}, follow_redirects=True)
    assert "Nothing was imported" in page.text
    assert browse("Ada").post(address, data={"seen": ""}, token=False).status_code == 400


def test_the_error_file_has_the_original_columns(browse):
    ada = browse("Ada")
    address = upload(ada, {**NEWCOMER, "Title": "Nurse"}, {**WRONG, "Title": "=cmd()", "Phone Number": "1.41697E+10"})
    for _before_and_after in range(2):
        answer = ada.get(f"{address}/errors")
        row, = table(answer.data)
        assert answer.headers["Content-Disposition"] == 'attachment; filename="import-errors.csv"'
        assert list(row) == [EMAIL, "Display Name", "Location", "Phone Number", "Title", "Error"]
        assert (row["Location"], row["Title"]) == ("Atlantis", "'=cmd()")
        assert "Atlantis" in row["Error"]
        assert "A spreadsheet has shortened it" in row["Error"]
        run(ada, address) if "Import</button>" in ada.get(address).text else None


def test_a_row_that_became_right_is_found_by_another_check(browse, inside, people):
    ada = browse("Ada")
    address = upload(ada, {**ULI, "App Version": "44"}, {**BEN, "Phone Number": "+14165550101"})
    assert "1 wrong row will be skipped." in ada.get(address).text
    with inside(), writing() as session:
        session.get_one(User, people["Uli"].id).number.user_id = None
    assert "1 wrong row will be skipped." in ada.get(address).text, "a page shows what was checked"
    ada.post(f"{address}/check")
    page = ada.get(address).text
    assert "2 rows will be imported." in page
    assert "will be skipped" not in page


def test_without_errors_there_is_no_error_file(browse):
    address = upload(browse("Ada"), NEWCOMER)
    assert browse("Ada").get(f"{address}/errors").location == address
    assert "Download error file" not in browse("Ada").get(address).text


def test_an_auditor_reads_everything_and_has_no_buttons(browse):
    address = upload(browse("Ada"), NEWCOMER, {**ULI, "Texting": "OFF"}, WRONG)
    rita = browse("Rita")
    page = rita.get(address)
    assert "2 rows will be imported" not in page.text
    assert "Texting: INHERIT → OFF" in page.text
    assert "Import</button>" not in page.text
    assert "CSV file" not in rita.get("/admin/import").text
    assert rita.post(address, data={"seen": ""}).status_code == 403
    assert rita.post(f"{address}/links").status_code == 403
    assert rita.post("/admin/import", data={}).status_code == 403
    assert rita.get("/admin/users/export").status_code == 200


def test_other_organizations_uploads_do_not_exist(browse):
    address = upload(browse("Ada"), NEWCOMER, WRONG)
    otto = browse("Otto")
    for answer in (otto.get(address), otto.get(f"{address}/errors"), otto.get(f"{address}/links"),
                   otto.post(address, data={"seen": ""}), otto.post(f"{address}/links")):
        assert answer.status_code == 404
    assert "users.csv" not in otto.get("/admin/import").text


@pytest.mark.parametrize("address", ["/admin/import", "/admin/import/template", "/admin/users/export"])
def test_users_and_strangers_stay_outside(browse, address):
    assert browse("Uli").get(address).status_code == 403
    assert "/sign-in" in browse().get(address).location


def test_the_export_comes_back_unchanged(browse, inside, people):
    with inside(), writing() as session:
        session.get_one(User, people["Ben"].id).account = AccountState.DEACTIVATED
    ada = browse("Ada")
    answer = ada.get("/admin/users/export")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="users.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert "'+14165550101" in answer.text
    assert "otto@example.com" not in answer.text
    page = ada.get(upload(ada, content=answer.data))
    assert "There is nothing to import" in page.text
    assert "The portal&#39;s own template" in page.text


def test_the_template_is_a_header(browse):
    answer = browse("Ada").get("/admin/import/template")
    assert answer.data.decode("utf-8-sig").strip().split(",")[-3:] == ["Texting", "App Version", "Number Source"]
    assert answer.mimetype == "text/csv"


def test_recent_uploads_say_what_became_of_them(browse):
    ada = browse("Ada")
    run(ada, upload(ada, NEWCOMER, name="first.csv"))
    upload(ada, WRONG, name="<i>second</i>.csv")
    page = ada.get("/admin/import").text
    assert page.index("Checked, not imported") < page.index("1 new, 0 changed, 0 left out")
    assert "&lt;i&gt;second" not in page, "a folder in the name is no part of it"
    assert "Ada Keller" in page


def test_a_file_that_was_erased_says_so(browse, inside):
    address = upload(browse("Ada"), NEWCOMER)
    with inside(), writing() as session:
        session.scalars(select(Upload)).one().uploaded_at -= timedelta(days=8)
    with inside():
        housekeeping.erase_outdated_records()
    page = browse("Ada").get(address)
    assert "was erased after 7 days" in page.text
    assert browse("Ada").post(address, data={"seen": ""}).status_code == 303
    assert browse("Ada").get(f"{address}/errors").status_code == 303


def test_a_damaged_file_says_so_and_not_that_it_was_erased(browse, inside):
    ada = browse("Ada")
    address = upload(ada, NEWCOMER, WRONG)
    with inside(), writing() as session:
        session.execute(update(UploadContent).values(content=b"PK\x03\x04"))
    assert "can no longer read this file" in ada.get(f"{address}/errors", follow_redirects=True).text
    assert "can no longer read this file" in ada.post(f"{address}/check", follow_redirects=True).text
    page = ada.get(address).text
    assert "can no longer read this file" in page
    assert "was erased" not in page
    assert 'name="seen"' not in page


def test_the_page_asks_for_a_fixed_number_of_statements(browse, statements):
    ada, asked = browse("Ada"), []
    for many in (30, 300):
        address = upload(ada, content=control_hub.book(many).write())
        with statements() as seen:
            ada.get(address)
        asked.append(len(seen))
    assert asked[0] == asked[1] < 16


def test_a_long_file_is_checked_in_the_background_and_its_page_says_how_far_it_is(browse, inside, monkeypatch):
    for module in (check_work, checks):
        monkeypatch.setattr(module, "ROWS_PER_COMMIT", 2)
    ada = browse("Ada")
    address = upload(ada, *({**NEWCOMER, EMAIL: f"p{n}@example.com", "Phone Number": ""} for n in range(5)))
    page = ada.get(address)
    for said in ("The file is being checked", '<progress id="import-progress-bar" value="0" max="5">',
                 "Nothing has been changed yet.", "What this file would do"):
        assert said in page.text
    assert 'name="seen"' not in page.text
    assert "Check the file again" not in page.text
    assert "Not checked to the end. Rows: 0 of 5." in ada.get("/admin/import").text
    part = {"HX-Request": "true"}
    assert "The file is being checked" in ada.get(f"{address}/progress", headers=part).text
    with inside():
        assert check_file(db.session.scalars(select(Upload.id)).one())
    assert ada.get(f"{address}/progress", headers=part).headers["HX-Refresh"] == "true"
    assert "5 rows will be imported." in ada.get(address).text
    ada.post(f"{address}/check")
    assert "The file is being checked" in ada.get(address).text
