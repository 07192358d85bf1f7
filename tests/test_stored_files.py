"""One module names what the portal writes, and a portal that runs writes nothing else."""

import ast
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from fnmatch import fnmatchcase
from pathlib import Path
from string import Formatter

import pytest

from portal import stored_files
from portal.processes import htmx_file
from portal.services.upkeep import backups
from portal.stored_files import list_stored_files
from portal.variables import SETTINGS
from tests.patience import LONG, wait_for

ROOT = Path(__file__).parents[1]
PORTAL = ROOT / "portal"
OWN = PORTAL / "stored_files.py"
# The files that others belong to, by the {name} or {stem} in their names.
OWNERS = (stored_files.DATABASE_FILE.name, stored_files.PRETEND_LEDGER.name, stored_files.NUMBER_KEY_FILE.name,
          stored_files.QUEUE_FILE.name.format(stem="portal"))
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")
TEXT_COMES_IN = """
from wsgi import app
with app.app_context():
    app.extensions["carrier"].call_in("+14165550110", "+14165550111", "Hello")
"""


def pieces(name):
    """What is spelled in the name of a row, without its parts: `.queue.db`, `htmx-`."""
    return [text for text, *_ in Formatter().parse(name) if len(text) > 3]


# The end of the htmx file's name is also that of the file in the package.
SPELLED = sorted({piece for row in list_stored_files() for piece in pieces(row.name)} - {".min.js"})
SPELLS = re.compile("|".join(
    rf"(?<![A-Za-z_]){re.escape(one)}{'(?![A-Za-z_])' if one[-1].isalpha() else ''}" for one in SPELLED))


def spelled(source):
    """The names of files in the strings of a module: (line, string)."""
    return [(node.lineno, node.value) for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and SPELLS.search(node.value)]


def named(path):
    """The rows that a path of the instance folder can belong to."""
    return [row for row in list_stored_files() for owner in OWNERS
            if fnmatchcase(path.name, row.name.format_map({
                "name": owner, "stem": Path(owner).stem, "moment": "*", "random": "*", "version": "*"}))]


def test_every_row_says_what_it_holds_and_how_long():
    rows = list_stored_files()
    assert len({row.name for row in rows}) == len(rows) > 15
    assert all(said.endswith(".") and len(said) > 10 for row in rows for said in (row.holds, row.kept))


@pytest.mark.parametrize("path", [path for path in sorted(PORTAL.rglob("*.py")) if path != OWN],
                         ids=lambda path: path.relative_to(PORTAL).as_posix())
def test_no_other_module_spells_the_name_of_a_file(path):
    assert spelled(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("source", [
    'folder / "portal.db"', 'file.with_suffix(".sock")', 'f"{file.name}-wal"', 'f".{file.name}.before-upgrade-*"',
    'instance / "number_key"', '"""It is kept in instance/secret_key."""', 'f"htmx-{version}.js"',
])
def test_what_counts_as_spelling(source):
    assert spelled(source)


@pytest.mark.parametrize("source", [
    'settings.secret_key', '"portal.carriers.pretend"', '"on-locked"', '"csrf_keys"', '"/dist/htmx.min.js"',
])
def test_what_does_not(source):
    assert not spelled(source)


@pytest.fixture
def running(tmp_path):
    """A portal of its own, from a copy of the code so that its instance folder is empty; a function that stops it."""
    shutil.copytree(PORTAL, tmp_path / "portal", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "wsgi.py", tmp_path)
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    settings = {one.name for one in SETTINGS}
    environ = {name: value for name, value in os.environ.items() if name not in settings}
    environ |= {"PORT": str(port), "DEMO": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    log = (tmp_path / "log").open("wb")
    with log, subprocess.Popen([*FLASK, "start"], cwd=tmp_path, env=environ, stdout=log, stderr=log) as child:
        try:
            wait_for(lambda: answers(port), (tmp_path / "log").read_text)
            yield tmp_path / "instance", environ
        finally:
            child.send_signal(signal.SIGINT)
            child.wait(LONG)


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=LONG) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_a_running_portal_writes_nothing_else(running):
    """And what is a secret can be read by its owner alone."""
    instance, environ = running
    subprocess.run([sys.executable, "-c", TEXT_COMES_IN], cwd=instance.parent, env=environ, check=True)
    carrier = stored_files.CARRIER_FOLDER.beside(instance / stored_files.DATABASE_FILE.name)
    wait_for(lambda: stored_files.LEDGER_LOCK.beside(stored_files.PRETEND_LEDGER.inside(carrier)).exists())
    backups.backup_before_migration(instance / stored_files.DATABASE_FILE.name, "a revision to come")
    written = list(instance.rglob("*"))
    assert {path.name for path in written} >= {
        "portal.db", "portal.queue.db", "portal.sock", "portal.carrier", "pretend.db", "pretend.lock", "webhook_key",
        "secret_key", "csrf_key", "number_key", "carrier_key"}
    assert [path.name for path in written if not named(path)] == []
    modes = {path.name: path.stat().st_mode & 0o077 for path in written if any(row.secret for row in named(path))}
    assert {name for name, mode in modes.items() if mode} == set()


def test_files_of_a_database_stand_beside_it():
    database = Path("/var/lib/portal/texting.sqlite")
    beside = {row.name: row.beside(database, moment="1", random="2", version="3").name for row in list_stored_files()}
    assert beside["{stem}.queue.db"] == "texting.queue.db"
    assert beside["{name}-wal"] == "texting.sqlite-wal"
    assert beside["{name}.before-restore-{moment}"] == "texting.sqlite.before-restore-1"
    assert beside[".{name}.{random}"] == ".texting.sqlite.2"


def test_only_files_of_that_very_database_are_found(tmp_path):
    """Signs in the name of a database are no patterns."""
    mine, other = tmp_path / "a[b].db", tmp_path / "ab.db"
    for database in (mine, other):
        stored_files.UPGRADE_COPY.beside(database, moment="1").touch()
        stored_files.FILE_DRAFT.beside(stored_files.UPGRADE_COPY.beside(database, moment="1"), random="2").touch()
    assert [path.name for path in stored_files.UPGRADE_COPY.all_beside(mine, moment="*")] == [
        "a[b].db.before-upgrade-1"]
    assert [path.name for path in stored_files.drafts_of_upgrade_copies(mine)] == [".a[b].db.before-upgrade-1.2"]


def test_the_htmx_file_has_its_row(tmp_path):
    path = htmx_file.path_of_htmx_file(tmp_path)
    assert named(path) == [stored_files.HTMX_FILE] * len(OWNERS)
    assert not stored_files.HTMX_FILE.secret
