"""The database knows the name of its number key: no machine works with another one."""

import dataclasses

import pytest

from portal import cli
from portal.extensions import db, writing
from portal.models import PortalMark
from portal.services.upkeep import number_keys

OTHER = "another key of thirty-two or more characters"


@pytest.fixture
def use(app, inside, monkeypatch):
    """`use(number_key=OTHER)` changes settings of the running application."""
    def change(**more):
        monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], **more))

    with inside():
        yield change


def noted():
    db.session.rollback()
    return db.session.get_one(PortalMark, number_keys.KEY_NAME_MARK).value


def test_the_first_start_notes_the_name_of_the_key(use, statements):
    assert number_keys.find_key_flaw() == ""
    name = noted()
    assert len(name) == 8
    with statements() as seen:
        assert number_keys.find_key_flaw() == ""
    assert not [one for one in seen if one.startswith("INSERT")]
    assert noted() == name


def test_another_machine_with_another_key_does_not_start(use, on_server):
    assert number_keys.find_key_flaw() == ""
    first = noted()
    use(number_key=OTHER)
    assert number_keys.find_key_flaw().startswith("NUMBER_KEY is not the key with which this database was begun: ")
    assert noted() == first


def test_of_two_first_starts_at_once_the_first_one_counts(use, on_server, monkeypatch):
    name = number_keys._noted_name

    def late():
        monkeypatch.setattr(number_keys, "_noted_name", name)
        with writing() as session:
            session.add(PortalMark(name=number_keys.KEY_NAME_MARK, value="12345678"))
        return ""

    monkeypatch.setattr(number_keys, "_noted_name", late)
    assert number_keys.find_key_flaw().startswith("NUMBER_KEY is not the key with which this database was begun: ")
    assert noted() == "12345678"


@pytest.mark.sqlite
def test_on_one_machine_a_lost_key_is_replaced(use):
    assert number_keys.find_key_flaw() == ""
    first = noted()
    use(number_key=OTHER)
    assert number_keys.find_key_flaw() == ""
    assert noted() != first


@pytest.mark.parametrize("command", ["serve", "work"])
def test_nothing_starts_with_another_key(app, use, on_server, monkeypatch, command):
    monkeypatch.setattr(cli, "_refuse_other_tables", lambda: None)
    assert number_keys.find_key_flaw() == ""
    use(number_key=OTHER)
    told = app.test_cli_runner().invoke(args=[command])
    assert told.exit_code == 1
    assert "copy instance/number_key from one of them" in told.output
