"""Files to save: a slow browser holds nothing but its file."""

import csv
import io
import sqlite3
from contextlib import closing

import pytest

from portal.blueprints.admin.audit_filters import AuditFilters
from portal.extensions import writing
from portal.models import User
from portal.services import audit
from portal.web import downloads


@pytest.mark.sqlite
@pytest.mark.parametrize("address", ["/admin/users/export", "/admin/audit/export", "/admin/opt-outs/export"])
def test_a_browser_that_does_not_read_holds_no_moment_of_the_database(app, browse, address):
    """What is written meanwhile leaves the log of SQLite at once."""
    answer = browse("Ada").get(address)
    with closing(sqlite3.connect(app.config["SETTINGS"].database, timeout=0)) as other:
        other.execute("UPDATE users SET name = name")
        other.commit()
        busy, _pages, _moved = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert busy == 0
    assert len(answer.data) > 0
    answer.close()


def test_a_log_of_any_length_is_sent_while_it_is_made(browse, monkeypatch, inside, people):
    """So a proxy does not give it up, and no event is missing or there twice."""
    whole = AuditFilters.list_events
    monkeypatch.setattr(AuditFilters, "list_events", lambda filters, before, _most: whole(filters, before, 2))
    with inside(), writing() as session:
        ben = session.get_one(User, people["Ben"].id)
        for _turn in range(4):
            audit.record_event(None, "deactivated", ben)
    answer = browse("Ada").get("/admin/audit/export")
    assert answer.content_length is None
    refs = [row["Reference"] for row in csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff")))]
    assert len(refs) == len(set(refs)) > 3


@pytest.mark.parametrize("pieces", [["a,", "ß\n"], [b"a,", "ß\n".encode()], ["x" * 70_000, "y" * 70_000], []])
@pytest.mark.parametrize("most", [10, 1_000_000])
def test_what_comes_in_pieces_arrives_whole(app, monkeypatch, pieces, most):
    """From memory or from the disk; its length is known before."""
    monkeypatch.setattr(downloads, "MOST_IN_MEMORY", most)
    whole = b"".join(one.encode() if isinstance(one, str) else one for one in pieces)
    with app.test_request_context(), closing(downloads.csv_download(iter(pieces), "some.csv")) as answer:
        sent = b"".join(answer.iter_encoded())
    assert (answer.content_length, sent) == (len(whole), whole)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="some.csv"'


def test_nothing_is_sent_of_a_file_that_fails(app):
    """An error half-way is an error page, not half a file."""
    def fail():
        yield "a"
        raise RuntimeError("a fault")

    with app.test_request_context(), pytest.raises(RuntimeError):
        downloads.csv_download(fail(), "some.csv")
