"""With tables of another version, or without its server, the portal does not start; the doctor says why."""

import re

import pytest

from portal import cli
from portal.app import create_app
from portal.extensions import db
from portal.services.upkeep.doctor import examine_portal
from portal.services.upkeep.health import Health
from portal.services.upkeep.schemas import newest_revision
from portal.services.upkeep.tables import find_tables_flaw
from tests import database_server

UNREACHABLE = "postgresql://portal:hidden@127.0.0.1:1/portal"


@pytest.fixture
def another_version(database_environ):
    """The tables are those of another version."""
    name = re.search(r"@/(\w+)", database_environ["DATABASE_URL"])[1]
    with database_server.connect(name) as server:
        server.execute("UPDATE alembic_version SET version_num = 'newer'")
        yield
        server.execute("UPDATE alembic_version SET version_num = %s", [newest_revision()])


@pytest.fixture
def without_server(tmp_path):
    """An application whose server is not there."""
    app = create_app({"DATABASE_URL": UNREACHABLE}, tmp_path)
    yield app
    with app.app_context():
        db.engine.dispose()


def test_nothing_speaks_against_the_tables_of_this_version(inside):
    with inside():
        assert find_tables_flaw() == ""


@pytest.mark.postgresql
@pytest.mark.parametrize("command", ["serve", "work"])
def test_with_the_tables_of_another_version_it_does_not_start(app, another_version, monkeypatch, command):
    monkeypatch.setattr(cli, "_refuse_lost_key", lambda: pytest.fail("It went on."))
    done = app.test_cli_runner().invoke(args=[command])
    assert done.exit_code == 1
    assert "they are at revision newer, and this version needs" in done.output
    assert "`flask db upgrade` brings older ones up to date" in done.output


@pytest.mark.parametrize("command", ["serve", "work"])
def test_without_its_server_it_does_not_start_and_says_so(without_server, command):
    done = without_server.test_cli_runner().invoke(args=[command])
    assert done.exit_code == 1
    assert done.output.startswith("Error: 127.0.0.1/portal cannot be used: ")
    assert "hidden" not in done.output


@pytest.mark.postgresql
def test_the_doctor_looks_at_the_server(inside):
    with inside():
        found = examine_portal(["database", "counts", "worker", "work", "carrier", "clock", "backup"])
    assert [found[name].health for name in ("database", "counts", "work")] == [Health.GOOD] * 3
    assert found["backup"].health is Health.WRONG  # BACKUP_FOLDER is not set
    assert "answers and has the tables of this version" in found["database"].found


@pytest.mark.postgresql
def test_the_doctor_sees_the_tables_of_another_version(inside, another_version):
    with inside():
        found = examine_portal(["database"])["database"]
    assert found.health is Health.WRONG
    assert "revision newer" in found.found


def test_the_doctor_says_that_the_server_is_away(without_server):
    with without_server.app_context():
        found = examine_portal(["database", "counts"])
    assert {one.health for one in found.values()} == {Health.WRONG}
    assert found["database"].found.startswith("127.0.0.1/portal cannot be used: ")
    assert "hidden" not in str(found)
    assert found["counts"].remedy == "See under database."
