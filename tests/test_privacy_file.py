"""docs/privacy.md names every table and every file, with the periods that the code holds to."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from portal.extensions import Base, db
from portal.services import undo_offers
from portal.services.accounts import kept_forms
from portal.services.texting import drafts
from portal.services.upkeep import housekeeping, retention
from portal.stored_files import list_stored_files

PAGE = (Path(__file__).parents[1] / "docs/privacy.md").read_text(encoding="utf-8")
FIRST, SECOND = (part.split("\n\n#")[0] for part in PAGE.split("## What is stored\n")[1].split("## Files\n"))
PERIODS = {
    "messages": retention.RETENTION_PERIOD, "conversations": retention.RETENTION_PERIOD,
    "arrivals": retention.RETENTION_PERIOD, "refused_addresses": retention.RETENTION_PERIOD,
    "retention_holds": retention.RETENTION_PERIOD, "records_requests": retention.RETENTION_PERIOD,
    "records_concerns": retention.RETENTION_PERIOD, "evidence": retention.RETENTION_PERIOD,
    "web_asks": retention.ASKED_KEPT, "drafts": drafts.DRAFTS_KEPT,
    "kept_forms": kept_forms.FORMS_KEPT, "undo_offers": undo_offers.UNDO_OFFERED,
    **dict.fromkeys(("long_changes", "long_change_users"), undo_offers.UNDO_OFFERED),
    "consent_records": retention.CONSENTS_KEPT, "reports": retention.UNMATCHED_KEPT,
    **dict.fromkeys(("upload_contents", "import_rows"), housekeeping.FILES_STAY),
    "sessions": housekeeping.SESSIONS_STAY,
    "sign_in_links": housekeeping.USED_LINKS_STAY, "receipts": retention.PARKED, "buckets": timedelta(days=2),
}


def rows(text):
    """The cells of each row of a table, by what stands between backticks."""
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:2] == "| "]
    return {name: cells for cells in found for name in re.findall("^`(.*)`$", "\n".join(cells), re.MULTILINE)}


TABLES, FILES = rows(FIRST), rows(SECOND)


def tables():
    return set(db.metadatas[None].tables) | set(Base.metadata.tables)


def test_every_table_has_its_row(app):
    """A new table: say in docs/privacy.md what it holds about people, for how long, and who reads it."""
    assert TABLES.keys() == tables()
    assert len(TABLES) > 20


@pytest.mark.parametrize(("table", "period"), PERIODS.items(), ids=str)
def test_the_periods_are_those_that_are_kept_to(table, period):
    said = {timedelta(hours=72): "72 hours", timedelta(hours=1): "One hour",
            timedelta(minutes=10): "Ten minutes"}.get(period, f"{period.days} days")
    assert said in TABLES[table][3]


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_row_says_it_all(table):
    record, _name, holds, kept, readers = TABLES[table]
    assert record
    assert all(cell.endswith(".") for cell in (holds, kept, readers))
    assert table in PERIODS or "tays" in kept or "ntil" in kept, "a period stands in PERIODS as well"


def test_every_file_has_its_row():
    parts = {"stem": "portal", "name": "portal.db", "moment": "MOMENT", "random": "RANDOM", "version": "VERSION"}
    said = {name: tuple(cells[1:]) for name, cells in FILES.items()}
    wanted = {row.name.replace("{name}.age", "{stem}-{moment}.db.age").format(**parts): (row.holds, row.kept)
              for row in list_stored_files()}
    assert said == wanted
