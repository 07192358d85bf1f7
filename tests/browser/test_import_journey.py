"""A user export of Control Hub with 20,000 rows: checked and imported behind a bar, through a kill, and undone again.

The background process is one of its own, so that it can be held still, killed and begun anew. Half a minute on an
idle machine.
"""

import hashlib
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing

import pytest
from playwright.sync_api import expect

from bench.control_hub_file import ROWS, count_good_rows, write_export
from tests.browser.portal import FLASK, ROOT, Portal
from tests.patience import LONG, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Two who are there already: one gets another name, one moves.
CHANGED = (("Ülrike", "Brandt", "Ülrike Brandt", "uli@example.com", ""), ("", "", "", "ben@example.com", "Halifax"))
CREATED = count_good_rows(ROWS - len(CHANGED))
LEFT_OUT = ROWS - len(CHANGED) - CREATED
VALUES = 3
# Milliseconds; a busy machine takes many times as long as an idle one.
PATIENTLY = 5 * LONG * 1000

PEOPLE = """
    SELECT users.email, users.name, users.name_key, users.location_id, users.account, users.language, users.time_zone,
           users.app_version, users.admin, users.password_hash, numbers.e164, claims.e164, words."on"
    FROM users LEFT JOIN numbers ON numbers.user_id = users.id LEFT JOIN claims ON claims.user_id = users.id
        LEFT JOIN words ON words.level = 'user' AND words.unit_id = users.id
    WHERE users.id <= ? ORDER BY users.id"""
NUMBERS = "SELECT e164, organization_id, kind, source, user_id, from_on, until_on FROM numbers ORDER BY id"
CLAIMS = "SELECT e164, organization_id, user_id, kind, source FROM claims ORDER BY e164, organization_id"
NEW = "SELECT count(*) FROM users WHERE id > ?"
CLOSED = "SELECT count(*) FROM users WHERE id > ? AND account = 'deactivated'"
ADDED = """
    SELECT count(*), count(DISTINCT subject_ref) FROM audit_events JOIN users ON users.ref = subject_ref
    WHERE action = 'user-added' AND users.id > ?"""
ORDERS = "SELECT count(*) FROM audit_events WHERE action = 'imported'"


class Worker:
    """The background process of a portal."""

    def __init__(self, portal):
        self.portal = portal
        self.begin()

    def begin(self):
        with (self.portal.folder / "work.log").open("ab") as log:
            self.process = subprocess.Popen([*FLASK, "work"], cwd=ROOT, env=self.portal.environ, stdout=log, stderr=log)

    def log(self):
        return (self.portal.folder / "work.log").read_text()

    def kill(self):
        self.process.kill()
        self.process.wait(LONG)

    def hold(self):
        self.process.send_signal(signal.SIGSTOP)

    def let_go(self):
        self.process.send_signal(signal.SIGCONT)


class Tables:
    """What lies in the tables of a portal, read beside it."""

    def __init__(self, portal):
        self.portal = portal
        self.newest, = self.ask("SELECT max(id) FROM users")

    def ask(self, question, *values):
        return self.rows(question, *values)[0]

    def rows(self, question, *values):
        with closing(sqlite3.connect(self.portal.database, timeout=LONG)) as connection:
            return connection.execute(question, values).fetchall()

    def progress(self, page):
        """How many rows are done of the file that a page is about, of how many, and its state."""
        return self.ask("SELECT cursor, total, state FROM uploads WHERE ref = ?", page.url.rpartition("/")[2])

    def digest(self):
        """Of everybody who was there before any file came, with number and setting, and of all numbers and claims."""
        found = self.rows(PEOPLE, self.newest), self.rows(NUMBERS), self.rows(CLAIMS)
        return hashlib.sha256(repr(found).encode()).hexdigest(), *map(len, found)

    def newcomers(self):
        return self.ask(NEW, self.newest)[0], self.ask(CLOSED, self.newest)[0]


@pytest.fixture
def portal(tmp_path, serving, cookies):
    """A portal of its own over a copy of the demo, in which the same people are signed in: its pages only."""
    ours = Portal(tmp_path)
    shutil.copy(serving.folder / "demo.kept", ours.database)
    try:
        ours.start("serve", "--pages-only", "--quiet")
        yield ours
    finally:
        ours.stop()


@pytest.fixture
def worker(portal):
    working = Worker(portal)
    yield working
    working.let_go()
    working.kill()


@pytest.fixture
def tables(portal):
    return Tables(portal)


def file_of_people():
    """The generated export, and in its last rows what changes two who are there."""
    header, *_people = write_export(1).decode("utf-8-sig").splitlines()
    names = header.split(",")
    wanted = ("First Name", "Last Name", "Display Name", "User ID/Email (Required)", "Location")
    lines = [",".join(dict(zip(wanted, one, strict=True)).get(name, "") for name in names) for one in CHANGED]
    return write_export(ROWS - len(CHANGED)) + "".join(f"{line}\r\n" for line in lines).encode()


def choose_file(page):
    page.goto("/admin/import")
    page.get_by_label("CSV file").set_input_files(
        {"name": "export.csv", "mimeType": "text/csv", "buffer": file_of_people()})
    page.get_by_role("button", name="Check file").click()


def see_bar_grow(page, name, worker, tables):
    """The values of the bar: after each of the first steps the work is held until the page has shown how far it is."""
    bar = page.get_by_role("progressbar", name=name)
    expect(bar).to_be_visible()
    assert int(bar.get_attribute("max")) == tables.progress(page)[1] > 0
    seen = [int(bar.get_attribute("value"))]
    while len(seen) < VALUES:
        wait_for(lambda: tables.progress(page)[0] > seen[-1], worker.log, seconds=5 * LONG)
        worker.hold()
        expect(bar).not_to_have_attribute("value", str(seen[-1]), timeout=PATIENTLY)
        seen.append(int(bar.get_attribute("value")))
        worker.let_go()
    assert seen == sorted(set(seen))


def test_twenty_thousand_people_come_through_a_kill_and_go_again(sit_down, worker, tables):
    before, (orders,), ada = tables.digest(), tables.ask(ORDERS), sit_down("Ada")
    page = ada.get_by_role("main")
    choose_file(ada)
    see_bar_grow(ada, "The file is being checked", worker, tables)
    expect(page).to_contain_text(f"{CREATED + len(CHANGED):,} rows will be imported.", timeout=PATIENTLY)
    expect(page).to_contain_text(f"{LEFT_OUT:,} wrong rows will be skipped.")
    assert (tables.digest(), tables.newcomers()) == (before, (0, 0)), "a check changes nothing"

    ada.get_by_role("button", name="Import", exact=True).click()
    see_bar_grow(ada, "Users from the file are being imported", worker, tables)
    wait_for(lambda: tables.progress(ada)[0] >= ROWS // 2, worker.log, seconds=5 * LONG)
    worker.kill()
    reached, total, state = tables.progress(ada)
    assert (state, total) == ("importing", CREATED + len(CHANGED))
    assert reached < total
    assert tables.newcomers()[0] <= reached, "what was stored and how far it is are one"
    worker.begin()
    expect(ada.get_by_role("heading", level=1)).to_have_text("What was imported", timeout=PATIENTLY)
    expect(page).to_contain_text(f"{CREATED:,}")
    assert tables.newcomers()[0] == CREATED
    assert tables.ask(ADDED, tables.newest) == (CREATED, CREATED), "everybody once"
    assert tables.ask(ORDERS) == (orders + 1,)
    imported = tables.digest()
    assert imported[0] != before[0]

    choose_file(ada)
    expect(page).to_contain_text("There is nothing to import, because no row changes anything.", timeout=PATIENTLY)
    assert (tables.digest(), tables.newcomers()[0]) == (imported, CREATED)

    ada.goto("/admin/import")
    ada.get_by_role("row", name="export.csv").filter(has_text=f"{CREATED:,} new").get_by_role(
        "link", name="export.csv").click()
    ada.get_by_role("button", name="Undo the import").click()
    see_bar_grow(ada, "The import is being undone", worker, tables)
    expect(page).to_contain_text(f"Undone: {CREATED + len(CHANGED):,} restored, 0 left", timeout=PATIENTLY)
    assert (tables.digest(), tables.newcomers()) == (before, (CREATED, CREATED))
