"""Two processes of the web server: whichever answers, people find the same portal."""

import http.client
import os
import re
import signal
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from portal.services.accounts.attempts import SIGN_IN_HERE
from tests.browser.portal import PASSWORD, Portal
from tests.patience import LONG, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/proc/self/task").exists(),
                                                   reason="only Linux tells the children of a process")]
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
NEW = "/messages/new"
ULI = "SELECT ref FROM users WHERE email = 'uli@example.com'"


class TwoServers(Portal):
    """A portal of which a test says which of the two processes answers."""

    def begin(self):
        self.start("serve", "--pages-only")
        master = self._child.pid
        wait_for(lambda: len(children_of(master)) == 2)
        self.master, self.both = master, children_of(master)

    @contextmanager
    def answering(self, number):
        """Only the one or the other process answers."""
        other = self.both[1 - number]
        os.kill(other, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(other, signal.SIGCONT)

    def store(self, statement, *values):
        """Run one statement beside the portal; the first row, if there is one."""
        with closing(sqlite3.connect(self.database, timeout=LONG)) as rows, rows:
            return rows.execute(statement, values).fetchone()


class Person:
    """Cookies and the token of the forms; each request has a connection of its own, which any process takes."""

    def __init__(self, portal):
        self.portal, self.cookies, self.token = portal, {}, ""

    def ask(self, server, method, path, **form):
        """The status and the page of an answer of this process."""
        heads = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
                 "Content-Type": "application/x-www-form-urlencoded", "Connection": "close",
                 "Referer": f"{self.portal.address}{path}"}
        body = urlencode({"csrf_token": self.token, **form}) if method == "POST" else None
        with self.portal.answering(server), closing(http.client.HTTPConnection(
                urlsplit(self.portal.address).netloc, timeout=LONG)) as link:
            link.request(method, path, body, heads)
            answer = link.getresponse()
            page = answer.read().decode()
        for told in answer.headers.get_all("Set-Cookie", ()):
            name, _is, value = told.partition(";")[0].partition("=")
            self.cookies[name] = value
        found = TOKEN.search(page)
        self.token = found[1] if found else self.token
        return answer.status, page

    def sign_in(self, name, server, password=PASSWORD):
        """Type name and password on pages of this process; the status of the answer."""
        self.ask(server, "GET", "/sign-in")
        return self.ask(server, "POST", "/sign-in", email=f"{name}@example.com", password=password)[0]


def children_of(process):
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    servers = TwoServers(tmp_path_factory.mktemp("two"), PROCESSES="2")
    servers.flask("db", "upgrade")
    servers.flask("demo")
    try:
        servers.begin()
        yield servers
        assert set(children_of(servers.master)) == set(servers.both), "one of them was started anew"
    finally:
        servers.stop()


@pytest.fixture
def person(portal):
    return lambda: Person(portal)


def test_no_database_is_open_when_they_are_forked(portal):
    """A connection that crosses a fork breaks the locks of both sides."""
    files = [str(one.readlink()) for one in Path(f"/proc/{portal.master}/fd").iterdir() if one.is_symlink()]
    assert len(files) > 3
    assert not [one for one in files if str(portal.folder) in one and not one.endswith(".log")]


def test_who_signs_in_at_one_is_signed_in_at_the_other_until_they_sign_out(person):
    uli = person()
    assert uli.sign_in("uli", 0) == 303
    assert uli.ask(1, "GET", "/messages/")[0] == 200
    assert uli.ask(1, "POST", "/sign-out")[0] == 303
    assert uli.ask(0, "GET", "/messages/")[0] == 303


def test_tries_count_at_both(person):
    stranger = person()
    for number in range(SIGN_IN_HERE.most):
        assert stranger.sign_in("ben", number % 2, "wrong") == 422
    assert [stranger.sign_in("ben", number, "wrong") for number in (0, 1)] == [429, 429]


def test_a_setting_that_one_stores_holds_at_the_other_at_once(portal, person):
    """The other shows it, and refuses a change that was begun before."""
    ada = person()
    assert ada.sign_in("ada", 0) == 303
    page = f"/admin/users/{portal.store(ULI)[0]}"
    version = re.search(r'name="version"[^>]*value="(\d+)"', ada.ask(1, "GET", page)[1])[1]
    assert ada.ask(0, "POST", f"{page}/texting", version=version, word="off")[0] == 303
    assert ada.ask(1, "POST", f"{page}/texting", version=version, word="on")[0] == 409
    assert re.search(r'name="version"[^>]*value="(\d+)"', ada.ask(1, "GET", page)[1])[1] == str(int(version) + 1)


def test_what_came_too_late_at_one_comes_back_at_the_other(portal, person):
    chloe = person()
    assert chloe.sign_in("chloe", 0) == 303
    key = re.search(r'name="key"[^>]*value="([^"]+)"', chloe.ask(0, "GET", NEW)[1])[1]
    portal.store("UPDATE sessions SET ended_at = datetime('now') WHERE id = (SELECT max(id) FROM sessions)")
    assert chloe.ask(0, "POST", NEW, number="+16475553112", body="Dear Ms. Nguyen", key=key)[0] == 303
    assert chloe.sign_in("chloe", 1) == 303
    assert "Dear Ms. Nguyen" in chloe.ask(1, "GET", NEW)[1]


def test_they_draw_different_ids(portal, person):
    """Random numbers of forked processes must not be the same."""
    people = [person(), person()]
    for number, one in enumerate(people):
        one.ask(number, "GET", "/sign-in")
        assert one.sign_in("olga", number) == 303
    refs = [portal.store("SELECT ref FROM sessions ORDER BY id DESC LIMIT 1 OFFSET ?", place)[0] for place in (0, 1)]
    assert refs[0] != refs[1]
    assert len({one.cookies["session"] for one in people}) == 2
