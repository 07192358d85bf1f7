"""Nothing waits for a carrier but the worker, and nothing is locked while it waits; who may not send is stopped."""

import socket

import pytest
from sqlalchemy import Engine, event, select, update

from portal.carriers.base import CarrierError, Certainty, Fault
from portal.extensions import db, now, writing
from portal.models import Message, TextState
from portal.rules import Act, Effect, Rule, Source, service
from portal.services.texting import outbox, sending
from portal.services.toggles import toggle
from tests.talks import hold, key, messages, text_out, words

THEIRS = "+16475550110"


def send(user, body="Hello", theirs=THEIRS):
    return sending.send_text(user, theirs, body, f"key-{body}").decision


def only():
    db.session.rollback()
    return db.session.scalars(select(Message)).one()


def work(times=1):
    worker = outbox.OutboxWorker("test")
    for _ in range(times):
        worker.step()


# --- no network in a request ---------------------------------------------------------------------


@pytest.fixture
def no_sockets(monkeypatch):
    """Nothing is connected to and no name looked up; a nudge to the worker by a local datagram is let through."""
    send_to = socket.socket.sendto

    def refuse(*_given, **_named):
        raise AssertionError("a request wanted to use the network")

    def nudge(self, *given):
        assert (self.family, self.type) == (socket.AF_UNIX, socket.SOCK_DGRAM), "a request wanted to use the network"
        nudges.append(given)
        return send_to(self, *given)

    nudges = []
    for name in ("connect", "connect_ex", "send", "sendall", "sendmsg"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr(socket.socket, "sendto", nudge)
    return nudges


def test_requests_of_texting_use_no_network(browse, inside, people, carrier, no_sockets, statements):
    """REL-11: sending, answering, looking, canceling and sending again ask no carrier and no name server."""
    with inside():
        ref = hold(people["Uli"].id, text_out("unclear", TextState.UNKNOWN))
        unclear = messages()[0].ref
    uli = browse("Uli")
    form = {"number": THEIRS, "body": "Hello", "key": key(uli.get("/messages/new"))}
    with statements() as asked:
        assert uli.post("/messages/consider", data=form, part=True).status_code == 200
        assert uli.post("/messages/new", data=form).status_code == 303
        assert uli.post(f"/messages/{ref}", data={"body": "Hello again"}).status_code == 303
        assert uli.post(f"/messages/{ref}/texts/{unclear}/again").status_code in (200, 303)
    told_server = [one for one in asked if one.startswith("NOTIFY")]
    for address in ("/messages/", f"/messages/{ref}", f"/messages/{ref}/news?after=0"):
        assert uli.get(address).status_code == 200
    assert carrier.asked == []
    assert len([*no_sockets, *told_server]) == 3, "every text that was accepted is one nudge"
    with inside():
        assert [one.state for one in messages()] == [TextState.UNKNOWN, *[TextState.QUEUED] * 3]


def test_a_nudge_that_nobody_hears_stops_no_request(uli):
    """REL-11: in these tests nobody listens, and the text is stored all the same."""
    assert send(uli).allowed
    assert only().state is TextState.QUEUED


# --- no open transaction while the carrier is asked -----------------------------------------------


@pytest.fixture
def idle(app, database_store):
    """`idle()` counts in `idle.times` if no transaction is open, no connection taken, the write lock free for all."""
    begun = set()

    def begin(connection):
        begun.add(id(connection))

    def end(connection):
        begun.discard(id(connection))

    def look():
        assert begun == set(), "a transaction is open"
        assert not db.session.registry().in_transaction()
        assert db.engine.pool.checkedout() == 0
        with database_store.locked():
            pass
        # Counted at the end: the worker takes a failed assertion for a carrier that breaks.
        looked.append(1)

    looked = look.times = []
    hooks = {"begin": begin, "commit": end, "rollback": end}
    for name, hook in hooks.items():
        event.listen(Engine, name, hook)
    yield look
    for name, hook in hooks.items():
        event.remove(Engine, name, hook)


ENDS = {
    "taken": None, "busy": CarrierError("busy", Fault.LATER), "refused": CarrierError("spam", Fault.TEXT),
    "no answer": CarrierError("timeout", Fault.UNSURE), "broken": ZeroDivisionError(),
}


@pytest.mark.parametrize("end", ENDS)
def test_no_transaction_is_open_while_a_text_is_handed_over(uli, carrier, idle, end):
    """REL-11: neither for the first of a batch nor for those after it, whatever came of the one before."""
    def does(_text):
        idle()
        if ENDS[end]:
            raise ENDS[end]

    for number in range(4):
        send(uli, f"text {number}", f"+1647555{1100 + number}")
    carrier.does = does
    work()
    assert len(idle.times) == 4


@pytest.mark.parametrize("found", [True, False])
def test_no_transaction_is_open_while_a_text_is_looked_up(uli, carrier, idle, found, monkeypatch):
    """REL-11"""
    def look_up(text, since):
        idle()
        return "found" if found else None

    carrier.certainty = Certainty.LOOK_UP
    monkeypatch.setattr(carrier, "look_up", look_up)
    for number in range(3):
        send(uli, f"text {number}", f"+1647555{1100 + number}")
    with writing() as session:
        session.execute(update(Message).values(state=TextState.CLAIMED, lease_until=now() - outbox.LEASE))
    work()
    assert len(idle.times) == 3


# --- who may not send is stopped where it waits ---------------------------------------------------


@pytest.fixture
def raising(monkeypatch):
    """One rule more, which breaks."""
    broken = Rule(id="broken-here", title="Broken", acts={Act.SEND}, effect=Effect.WARN, source=Source(portal=True),
                  limitation="Broken.", when=lambda recipient: recipient.no_such_thing)
    monkeypatch.setitem(service.BY_ACT, Act.SEND, (*service.BY_ACT[Act.SEND], broken))


def test_a_rule_that_breaks_refuses_and_raises_the_alarm(browse, inside, log_lines, raising):
    """REL-13: at submit, in words; the log names the rule and no number."""
    uli = browse("Uli")
    answer = uli.post("/messages/new", data={"number": THEIRS, "body": "Hello"})
    assert answer.status_code == 422
    assert "A rule could not be checked, so the answer is no for now." in words(answer.text)
    alarms = [line for line in log_lines if "rule_failed rule=broken-here" in line]
    assert alarms
    assert not any(THEIRS in line for line in log_lines)
    with inside():
        assert messages() == []


def test_a_rule_that_breaks_stops_what_waits(browse, inside, people, carrier, log_lines, request):
    """REL-13: at hand-over, and the text says why."""
    with inside():
        ref = hold(people["Uli"].id, text_out("waits", TextState.QUEUED))
        request.getfixturevalue("raising")
        work()
        message, = messages()
        assert (message.state, message.why, carrier.asked) == (TextState.REFUSED, ["rule-failed"], [])
    assert any("rule_failed rule=broken-here" in line for line in log_lines)
    assert "Where a rule cannot be checked, the answer is no." in words(browse("Uli").get(f"/messages/{ref}").text)


def test_whoever_is_switched_off_reads_why_their_text_stopped(browse, inside, people, carrier):
    """REL-12: on the page, by the text itself, with the rule."""
    with inside():
        uli = people["Uli"].id
        ref = hold(uli, text_out("waits", TextState.QUEUED))
        with writing() as session:
            toggle.write_setting(None, session.get_one(sending.User, uli), toggle.SettingValue(False))
        work()
        assert (messages()[0].state, carrier.asked) == (TextState.REFUSED, [])
    page = browse("Uli").get(f"/messages/{ref}").text
    assert "Not sent" in page
    assert "/limitations#texting-off" in page
