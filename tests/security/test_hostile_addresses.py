"""Every address with what no link of ours says: NUL and numbers without end, in its path and in whatever it asks."""

import re
from pathlib import Path

import pytest

from portal.services.upkeep import worker_marks
from tests.products import WHOLE
from tests.security.maple import settle
from tests.security.table import GETS, outcome

PORTAL = Path(__file__).parents[2] / "portal"
# What any view reads of an address, found where it is read.
READS = re.compile(r"""(?:args\.get(?:list)?|values\.get|read_list_position)\("([a-z_]+)\"""")
ASKED = sorted({name for folder in ("blueprints", "web") for file in (PORTAL / folder).rglob("*.py")
                for name in READS.findall(file.read_text())})
VALUES = {"NUL": "a\0b", "only NUL": "\0", "a number without end": "9" * 20, "one below all": "-9223372036854775809",
          "more digits than Python reads": "9" * 5_000}


def test_names_are_found():
    assert {"before", "after", "search", "days"} <= set(ASKED)


def tries(row):
    """Every value at every address, or each address one of them, another than its neighbor."""
    return list(VALUES) if WHOLE else [list(VALUES)[GETS.index(row) % len(VALUES)]]


def test_no_question_breaks_an_address(app, browse, inside):
    held, browsers = settle(app), {}
    with inside():
        worker_marks.note_heartbeat()
    wrong = []
    for row in GETS:
        who = (row.passing or row.refused)[0]
        browser = browsers.setdefault(who, browse(who))
        for kind in tries(row):
            asked = dict.fromkeys(ASKED, VALUES[kind])
            answer = browser.get(held.address(row.rule), query_string=asked, buffered=True)
            if answer.status_code >= 500:
                wrong.append((row.rule, kind, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("who", ["Ada", "Olga", "Nobody"])
def test_no_record_has_nul_in_its_id(app, browse, who):
    held, browser = settle(app), browse(who)
    addresses = [re.sub("<[^>]+>", "a%00b", row.rule) for row in GETS if "<" in row.rule]
    assert held
    assert {outcome(browser.get(address, buffered=True)) for address in addresses} == {"404"}
