"""Opt-outs from a file, in the browser: by an administrator for their organization, by an operator for any."""

import csv
import io

import pytest
from sqlalchemy import delete, select, update

from portal.extensions import db, writing
from portal.models import ContentState, OptOut, OptOutSource, Upload, UploadContent
from tests.reports import number
from tests.talks import come, words

FILE = f"Number,When,How\n{number(1)},2025-03-01,STOP\nnobody,,\n{number(1)},2025-02-01,web\n".encode()


def upload(browser, address, content=FILE):
    return browser.post(address, data={"file": (io.BytesIO(content), "opt-outs.csv")})


def held(inside):
    with inside():
        return [(one.theirs, one.source) for one in db.session.scalars(select(OptOut).order_by(OptOut.id))]


@pytest.fixture
def doors(organizations):
    return {"Ada": "/admin/opt-outs/import", "Olga": f"/operator/organizations/{organizations['Maple'].ref}/opt-outs"}


@pytest.mark.parametrize("who", ["Ada", "Olga"])
def test_a_dry_run_and_then_the_import(browse, inside, doors, who):
    browser = browse(who)
    assert "What the file holds" in browser.get(doors[who]).text
    kept = upload(browser, doors[who])
    assert kept.status_code == 303
    page = words(browser.get(kept.location).text)
    for said in ("Nothing has been changed yet.", "New opt-outs 1", "Wrong, left out 1", "Not taken over 1",
                 "not a phone number", "Line 2 has", "Import the good rows"):
        assert said in page
    assert held(inside) == []
    for said in ("Imported: 1 new", "imported already"):
        assert browser.post(kept.location).status_code == 303
        page = words(browser.get(kept.location).text)
        assert said in page
    assert "Import the good rows" not in page
    assert held(inside) == [(number(1), OptOutSource.STOP)]
    assert number(1)[1:] not in kept.location


@pytest.mark.parametrize("who", ["Ada", "Olga"])
@pytest.mark.parametrize(("content", "said"), [
    (b"", "Choose a file."), (b"Name\nJane\n", "The column Number is missing."), (b"PK\x03\x04", "spreadsheet")])
def test_what_is_wrong_with_a_file(browse, doors, who, content, said):
    answer = upload(browse(who), doors[who], content) if content else browse(who).post(doors[who], data={})
    assert answer.status_code == 422
    assert said in words(answer.text)


@pytest.mark.parametrize("who", ["Ada", "Olga"])
def test_wrong_rows_come_back_with_what_is_wrong(browse, doors, who):
    browser = browse(who)
    kept = upload(browser, doors[who], FILE.replace(b"nobody,,", b"nobody,,=1+1")).location
    for _before_and_after in range(2):
        assert f'href="{kept}/errors"' in browser.get(kept).text
        answer = browser.get(f"{kept}/errors")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="opt-out-errors.csv"'
        header, wrong = csv.reader(answer.data.decode("utf-8-sig").splitlines())
        assert (header, wrong[:3]) == (["Number", "When", "How", "Error"], ["nobody", "", "'=1+1"])
        assert "Write the number with its area code" in wrong[3]
        browser.post(kept)
    good = upload(browser, doors[who], f"Number\n{number(1)}\n".encode()).location
    assert "errors" not in browser.get(good).text
    assert browser.get(f"{good}/errors").location == good


def test_strangers_find_nothing(browse, doors):
    kept = upload(browse("Ada"), doors["Ada"]).location
    assert browse("Otto").get(kept).status_code == 404
    assert browse("Otto").post(kept).status_code == 404
    assert browse("Otto").get(f"{kept}/errors").status_code == 404
    assert [browse(who).post(kept).status_code for who in ("Rita", "Uli", "Olga")] == [403, 403, 403]
    # A file of opt-outs is no file of users.
    assert browse("Ada").get(kept.replace("/opt-outs/import", "/import")).status_code == 404
    assert "opt-outs.csv" not in browse("Ada").get("/admin/import").text
    assert browse("Ada").post(kept, token=False).status_code == 400


@pytest.mark.parametrize("language", ["en", "de", "pl", "fr"])
def test_the_export_reads_back_in(browse, inside, people, doors, language):
    """Whoever has made it: a STOP stays one."""
    ada = browse("Ada")
    ada.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    with inside():
        come("STOP", people["Uli"].number, number(1))
    ada.post("/admin/opt-outs", data={"number": number(2), "source": "a letter; =2+2"})
    before, content = held(inside), ada.get("/admin/opt-outs/export").data
    with inside(), writing() as session:
        for row in session.scalars(select(OptOut)):
            session.delete(row)
    ada.post(upload(ada, doors["Ada"], content).location)
    assert sorted(held(inside)) == sorted(before)
    with inside():
        assert "a letter; =2+2" in [one.note for one in db.session.scalars(select(OptOut))]


@pytest.mark.parametrize("who", ["Ada", "Olga"])
def test_a_file_that_was_erased_and_one_that_is_damaged_say_so(browse, inside, doors, who):
    browser = browse(who)
    kept = upload(browser, doors[who]).location
    for change, said in ((update(UploadContent).values(content=b"PK\x03\x04"), "The portal can no longer read"),
                         (delete(UploadContent), "The file was erased after 7 days.")):
        with inside(), writing() as session:
            session.execute(change)
        assert browser.get(f"{kept}/errors").location == kept
        assert said in words(browser.post(kept, follow_redirects=True).text)
        assert "Import the good rows" not in browser.get(kept).text
    with inside(), writing() as session:
        session.scalars(select(Upload)).one().content_state = ContentState.ERASED
    page = words(browser.get(kept).text)
    assert "The file was erased after 7 days, or newer files took its place." in page
    assert "can no longer read" not in page
    assert held(inside) == []
