"""Over a PostgreSQL server the portal starts and answers as over a file."""

import json
import os
import urllib.request

import pytest

from tests.browser.portal import ROOT, Portal
from tests.kept_databases import fresh_database
from tests.patience import LONG, wait_for

pytestmark = pytest.mark.postgresql
SQLITES = ("portal.db*", "portal.queue.db*")


@pytest.fixture
def run(app):
    def run(*words):
        done = app.test_cli_runner().invoke(args=words)
        return done.exit_code, done.output

    return run


def answer(portal, path):
    with urllib.request.urlopen(portal.address + path, timeout=LONG) as got:
        return got.status, got.read()


def is_ready(portal):
    try:
        return answer(portal, "/health/ready")[0] == 200
    except OSError:
        return False


def sqlite_files():
    return {file: file.stat().st_mtime_ns for each in SQLITES for file in (ROOT / "instance").glob(each)}


@pytest.mark.slow
def test_it_starts_with_a_demo_and_answers(tmp_path):
    before = sqlite_files()
    with fresh_database(f"served_{os.getpid()}") as url:
        portal = Portal(tmp_path, DATABASE_URL=url, DEMO="1")
        portal.flask("db", "upgrade")
        portal.flask("demo")
        portal.start("serve")
        try:
            wait_for(lambda: is_ready(portal))
            assert answer(portal, "/health/live")[0] == 200
            assert json.loads(answer(portal, "/health/ready")[1])["worker"] is True
            assert answer(portal, "/sign-in")[0] == 200
            assert "good  worker" in portal.flask("doctor", "worker", "database", "counts", "work")
        finally:
            portal.stop()
        assert "Traceback" not in portal.log()
    assert sqlite_files() == before


def test_nobody_looks_for_words_in_a_file_that_is_not_the_database(run):
    before = sqlite_files()
    code, told = run("retention", "prove", "--words", "hello")
    assert code == 1
    assert told == "Error: Leave --words out: nobody but the PostgreSQL server can look into its files.\n"
    assert sqlite_files() == before


def test_that_nothing_is_kept_too_long_is_shown_without_looking_into_files(run):
    """And that nobody looked is said, so that nobody takes it for more."""
    code, told = run("retention", "prove")
    assert code == 0
    assert "The server's files were not looked into" in told
