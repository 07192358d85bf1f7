"""In the pseudo-locale no page says a word outside the brackets but data: names, numbers, what people typed."""

import csv
import io

import pytest

from portal.processes import htmx_file
from tests.cast import Browser, page_text
from tests.security.maple import settle, undone
from tests.security.table import FORMS, GETS, WHO
from tests.wording import pseudo
from tests.wording.bare_words import Data, bare_words_of_page
from tests.wording.typed_data import ZONE_NAMES, typed_words

pytestmark = pytest.mark.slow
# Files that other programs read: their columns and values are English for every reader.
FOR_PROGRAMS = ("/admin/import/template", "/admin/users/export", "/admin/opt-outs/export",
                "/operator/inventory", "/static/<filename>", f"/{htmx_file.HTMX_NAME}", "/health/live", "/health/ready")


@pytest.fixture(autouse=True)
def _pseudo():
    with pseudo.spoken():
        yield
    # Whether they are valid HTML is seen to in other languages.
    Browser.pages.clear()


@pytest.fixture
def reader(browse):
    """`reader("Ada")` reads everything in the pseudo-locale."""

    def sit_down(who):
        browser = browse(who)
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = pseudo.LANGUAGE
        return browser

    return sit_down


def bare(answer, data):
    """What an answer says outside the brackets: of a page, of the cells of a file, of the sentences of JSON."""
    if answer.mimetype == "text/csv":
        rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline=""))
        return [said for row in rows for cell in row if (said := data.bare_words(cell))]
    if answer.mimetype == "application/json":
        return [said for rule in answer.json for part in ("sentence", "remedy", "source")
                if (said := data.bare_words(rule[part]))]
    return bare_words_of_page(page_text(answer), data)


def whole_or_part(browser, address):
    """The page; where only htmx asks for this address, the part."""
    answer = browser.get(address, buffered=True)
    return browser.get(address, buffered=True, part=True) if answer.status_code == 303 else answer


@pytest.mark.parametrize("who", WHO)
def test_every_page_of_every_role(app, reader, who):
    held, browser, found = settle(app), reader(who), []
    data = Data(typed_words(app), ZONE_NAMES)
    for row in GETS:
        if row.rule not in FOR_PROGRAMS:
            answer = whole_or_part(browser, held.address(row.rule))
            found += [f"{row}: {said}" for said in bare(answer, data)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("row", [row for row in FORMS if row.passing], ids=str)
def test_every_answer_to_a_form(app, reader, row):
    """Sent empty, which is refused where something is needed, and filled in, with what is said afterwards."""
    held, found = settle(app), []
    for sent in ({}, held.form(row.rule)):
        with undone(app):
            browser, before = reader(row.passing[0]), typed_words(app)
            answer = browser.post(held.address(row.rule), data=dict(sent), follow_redirects=True)
            typed = {value for value in sent.values() if isinstance(value, str)}
            if answer.mimetype != "text/csv":
                found += bare(answer, Data(before | typed_words(app) | typed, ZONE_NAMES))
    assert not found, "\n".join(found)
