"""Numbers of opt-outs that are erased on request: gone from sight, and still not texted."""

import dataclasses

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import OptOut, OptOutSource, OptOutState, Organization, TextState, User
from portal.services.people import organizations
from portal.services.refusals import Clash
from portal.services.texting import erased_numbers, optouts, outbox, sending
from portal.services.upkeep import retention
from tests.talks import THEIRS, come, hold, messages, text_out

ULI, ANOTHER_KEY = "+14165550101", "another key of thirty-two characters or more"


@pytest.fixture
def maple(uli):
    return db.session.get_one(Organization, uli.organization_id)


@pytest.fixture
def erased(maple):
    """Maple's id; an opt-out that was erased."""
    come("STOP", ULI)
    optouts.erase_optout_number(maple, "(647) 555-0110")
    return maple.id


def row():
    db.session.rollback()
    return db.session.scalars(select(OptOut)).one()


def refused(user):
    return [one.id for one in sending.send_text(user, THEIRS, "Hi", f"key-key-key-{len(messages())}").decision.blocking]


def lose_key(app, monkeypatch):
    settings = dataclasses.replace(app.config["SETTINGS"], number_key=ANOTHER_KEY)
    monkeypatch.setitem(app.config, "SETTINGS", settings)


# --- what stays ----------------------------------------------------------------------------------


def test_a_keyed_hash_stands_for_the_number(erased, app):
    held = row()
    assert held.theirs == erased_numbers.hash_erased_number(erased, THEIRS)
    assert (len(held.theirs), held.said, held.note) == (80, "", "")
    assert held.state is OptOutState.OUT
    assert optouts.optout_of_number(erased, THEIRS).id == held.id


def test_the_hash_needs_the_key_and_is_one_organizations_own(erased, app, monkeypatch):
    before = erased_numbers.hash_erased_number(erased, THEIRS)
    assert before.rpartition(":")[2] != erased_numbers.hash_erased_number(erased + 1, THEIRS).rpartition(":")[2]
    lose_key(app, monkeypatch)
    after = erased_numbers.hash_erased_number(erased, THEIRS).split(":")
    assert [one == other for one, other in zip(before.split(":"), after, strict=True)] == [True, False, False]


def test_the_opt_out_goes_on(erased, uli):
    """At acceptance, and at hand-over for what slipped in before."""
    assert refused(uli) == ["opted-out"]
    hold(uli.id, text_out("slipped in", TextState.QUEUED))
    worker = outbox.OutboxWorker("test")
    worker.step()
    worker.step()
    assert [(one.state, one.why) for one in messages() if one.body == "slipped in"] == [
        (TextState.REFUSED, ["opted-out"])]


def test_other_numbers_and_other_organizations_are_not_concerned(erased, uli, people):
    assert sending.send_text(uli, "+16475550111", "Hi", "key-key-key-key-1").decision.allowed
    assert optouts.optout_of_number(db.session.get_one(User, people["Otto"].id).organization_id, THEIRS) is None


def test_start_lifts_it_and_another_stop_brings_it_back_without_the_number(erased, uli):
    come("START", ULI)
    assert refused(uli) == []
    come("STOP, this is 647 555 0110", ULI)
    come("STOP", ULI)
    assert refused(uli) == ["opted-out"]
    assert row().theirs == erased_numbers.hash_erased_number(erased, THEIRS)
    assert row().said == ""


def test_help_is_answered_and_makes_no_second_row(erased, uli):
    come("HELP", ULI)
    assert row().helped_at is not None


def test_it_is_not_added_again_nor_withdrawn(uli, maple):
    optouts.record_optout(uli, maple, THEIRS, "by phone")
    optouts.erase_optout_number(maple, THEIRS)
    with pytest.raises(Clash):
        optouts.record_optout(uli, maple, THEIRS, "by phone")
    with pytest.raises(Clash):
        optouts.withdraw_recorded_optout(uli, maple, row(), "by mistake")


# --- what is gone --------------------------------------------------------------------------------


@pytest.mark.sqlite
def test_the_number_is_in_no_file_any_more(app, maple):
    with writing() as session:
        session.add(OptOut(organization_id=maple.id, theirs="+16475550142", state=OptOutState.OUT,
                           source=OptOutSource.STOP, said="STOP, Jane Doe", note=""))
    assert retention.check_erasure(b"6475550142").found
    optouts.erase_optout_number(db.session.merge(maple), "+16475550142")
    assert [retention.check_erasure(words).found for words in (b"6475550142", b"Jane Doe")] == [(), ()]


# --- what people see -----------------------------------------------------------------------------


def test_the_list_says_that_it_was_erased(app, browse, inside, organizations):
    with inside():
        come("STOP", ULI)
        optouts.erase_optout_number(db.session.get_one(Organization, organizations["Maple"].id), THEIRS)
        ref = row().ref
    ada = browse("Ada")
    for address in ("/admin/opt-outs", f"/admin/opt-outs/{ref}", "/admin/opt-outs/export"):
        page = ada.get(address).text
        assert "Erased on request" in page
        assert "erased:" not in page
        assert "0110" not in page
    assert "Erased on request" not in ada.post("/admin/opt-outs/search", data={"search": "0"}).text


@pytest.mark.parametrize("held", ["name", "ref"])
def test_the_command(app, inside, uli, maple, held):
    come("STOP", ULI)
    run = app.test_cli_runner().invoke
    name, ref = maple.name, maple.ref
    done = run(args=["opt-outs", "erase", {"name": name.upper(), "ref": ref}[held], "647 555 0110"])
    again = run(args=["opt-outs", "erase", name, THEIRS])
    nobody = run(args=["opt-outs", "erase", "Nobody", THEIRS])
    assert done.exit_code == 0, done.output
    assert "Conversations with the number stay for their 400 days" in done.output
    assert [again.exit_code, nobody.exit_code] == [1, 1]
    assert "not among the opt-outs" in again.output
    assert "no organization" in nobody.output
    assert organizations.find_organization_for_cli("Nobody") is None


@pytest.mark.sqlite
@pytest.mark.parametrize("command", ["serve", "work"])
def test_without_the_key_the_portal_does_not_start(app, erased, monkeypatch, command):
    assert erased_numbers.count_lost_hashes() == 0
    lose_key(app, monkeypatch)
    assert erased_numbers.count_lost_hashes() == 1
    told = app.test_cli_runner().invoke(args=[command])
    assert told.exit_code == 1
    assert "NUMBER_KEY is not the key of 1 erased numbers" in told.output
