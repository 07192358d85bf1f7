"""The command that looks at everything: a line for each check, and an exit code for machines."""

import re
import socket
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import pytest
from sqlalchemy.exc import OperationalError

from portal.services.upkeep import alarms, doctor
from portal.services.upkeep.doctor import ALARMING_CHECKS, CHECKS, examine_portal
from portal.services.upkeep.health import Health, HealthFinding
from tests.stores import WRITES

GOOD, WRONG = HealthFinding(Health.GOOD, "Well."), HealthFinding(Health.WRONG, "Ill.", "Rest.")


@pytest.fixture
def settle(app, monkeypatch):
    return lambda **settings: monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], **settings))


@pytest.fixture
def finds(monkeypatch):
    """`finds(worker=WRONG)`: this is what the checks find, all others find nothing wrong."""
    def found(**findings):
        checks = {name: partial(findings.get, name, GOOD) for name in CHECKS}
        monkeypatch.setattr(doctor, "CHECKS", MappingProxyType(checks))
    return found


@pytest.fixture
def run(app):
    def run(*args):
        done = app.test_cli_runner().invoke(args=["doctor", *args])
        return done.exit_code, done.output.splitlines()

    return run


def test_every_check_has_a_line_and_wrong_ones_say_what_to_do(run, finds):
    finds(worker=WRONG)
    code, lines = run()
    assert code == 1
    assert [re.match(r"(?:good |note |wrong) (\w+): ", line)[1] for line in lines] == [*CHECKS, "htmx"]
    assert "wrong worker: Ill. Rest." in lines


def test_all_is_well(run, finds):
    finds()
    assert run()[0] == 0


def test_a_note_is_not_wrong(run, finds):
    finds(clock=HealthFinding(Health.NOTE, "Late.", "Look."))
    assert run()[0] == 0


def test_some_checks_only(run, finds):
    finds(worker=WRONG, disk=WRONG)
    assert run("database", "htmx") == (0, ["good  database: Well.", "good  htmx: Browsers load htmx from the CDN."])
    code, lines = run("heart")
    assert code == 1
    assert "There is no check heart" in lines[0]


def test_the_real_checks_of_a_portal_that_does_not_run(run, settle):
    """Nothing listens, nobody has made a backup, and the worker was never started: each says so."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        settle(port=silent.getsockname()[1])
        code, lines = run("web", "worker", "backup")
    assert code == 1
    assert [line.partition(":")[0] for line in lines] == ["wrong web", "wrong worker", "wrong backup"]


def test_a_check_that_breaks_is_a_finding(settle, inside, monkeypatch):
    def broken():
        raise OperationalError("SELECT 1", {}, Exception("disk I/O error"))

    monkeypatch.setattr(doctor, "CHECKS", {"worker": broken})
    with inside():
        found = examine_portal()["worker"]
    assert (found.health, found.found) == (Health.WRONG, "It cannot be looked into (OperationalError).")


def test_where_no_database_is_none_is_made(settle, inside, tmp_path):
    settle(database_url=f"sqlite:///{tmp_path}/none.db")
    with inside():
        found = examine_portal(["database", "worker", "carrier", "clock"])
    assert {one.health for one in found.values()} == {Health.WRONG}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("url", "hops", "health"), [
    ("http://127.0.0.1:5000", 0, Health.GOOD), ("https://texting.example.com", 0, Health.WRONG),
    ("https://texting.example.com", 1, Health.GOOD),
])
def test_a_proxy_is_counted(settle, inside, url, hops, health):
    settle(portal_url=url, proxy_hops=hops)
    with inside():
        assert examine_portal(["configuration"])["configuration"].health is health


def test_nothing_is_written(inside, settle, begun, tmp_path):
    settle(backup_folder=tmp_path)
    with inside():
        examine_portal(["worker", "carrier", "backup", "clock"])
    assert WRITES not in begun


# --- mail ----------------------------------------------------------------------------------------


def test_mail_needs_a_mail_server(run, finds):
    finds()
    assert run("--mail")[1][-1] == "Error: MAIL_SERVER is not set: nobody gets mail."


def test_mail_is_about_what_somebody_has_to_act_on(run, finds, settle, monkeypatch):
    finds(worker=WRONG, mail=WRONG)
    settle(mail_server="smtp://localhost")
    told = []
    monkeypatch.setattr(alarms, "mail_alarms", lambda findings: told.append(list(findings)) or 2)
    code, lines = run("--mail")
    assert (code, lines[-1]) == (1, "Letters sent: 2.")
    assert [set(names) for names in told] == [set(ALARMING_CHECKS)]


def test_mail_that_nobody_got_is_an_error(run, finds, settle, monkeypatch):
    def unsent(_findings):
        raise alarms.UnsentAlarm("The mail server took no letter.")

    finds()
    settle(mail_server="smtp://localhost")
    monkeypatch.setattr(alarms, "mail_alarms", unsent)
    assert run("--mail") == (1, [*run(*ALARMING_CHECKS)[1], "Error: The mail server took no letter."])
