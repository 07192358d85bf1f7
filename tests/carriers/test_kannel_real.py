"""The carrier Kannel against Debian's Kannel, which has the message center of the tests behind it.

Kannel runs with the configuration of docs/carriers/kannel.md, but for ports, folders and its patience.
"""

import threading
from base64 import b64encode
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from portal.carriers import make_carrier
from portal.carriers.base import (
    CarrierError,
    CarrierStatus,
    Fault,
    ForgedWebhook,
    IncomingText,
    OutgoingText,
    Webhook,
)
from portal.carriers.kinds import CarrierSetup
from tests.patience import wait_for
from tests.peers.center import MessageCenter
from tests.peers.kannel import TOKEN, USER, USER_PASSWORD, Kannel

from .rigs import KEY, LOOPBACK, OURS

pytestmark = pytest.mark.slow


class Portal:
    """The hook, on loopback: `requests` holds (method, path, headers, body) of each call, answered with `status`."""

    def __init__(self):
        self.requests, self.status = [], 200
        portal = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                portal.requests.append((self.command, self.path, headers, body))
                self.send_response(portal.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def do_POST(self):
                self.do_GET()

            def log_message(self, *_):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        self.hook = f"http://127.0.0.1:{self._http.server_port}/hooks/a-carrier"

    def webhooks(self):
        return [Webhook(headers, body, datetime.now(UTC), method, self.hook.partition("/hooks")[0] + path)
                for method, path, headers, body in list(self.requests)]

    def texts(self):
        """The calls with a text. Receipts of the test before may still come."""
        return [webhook for webhook in self.webhooks() if webhook.method == "POST"]

    def close(self):
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture(scope="module")
def hook():
    made = Portal()
    yield made
    made.close()


@pytest.fixture(scope="module")
def running_center(tmp_path_factory):
    with MessageCenter(tmp_path_factory.mktemp("center")) as made:
        yield made


@pytest.fixture(scope="module")
def kannel(tmp_path_factory, running_center, hook):
    with Kannel(tmp_path_factory.mktemp("kannel"), running_center, hook.hook) as made:
        yield made


@pytest.fixture
def center(running_center, kannel, hook):
    running_center.reset()
    hook.requests.clear()
    hook.status = 200
    return running_center


def carrier_of(kannel, **changed):
    secrets = {"password": USER_PASSWORD, "token": TOKEN, **changed.pop("secrets", {})}
    settings = {"address": kannel.address, "user": USER, "status_address": kannel.status_address, **changed}
    return make_carrier("kannel", CarrierSetup("a-carrier", settings, secrets, kannel.hook, KEY,
                                                networks=LOOPBACK))


@pytest.fixture
def carrier(kannel):
    return carrier_of(kannel)


def outgoing(ending="10", body="Your shoes are ready.", reference=None, until=None):
    return OutgoingText(OURS, f"+164755501{ending}", body, reference or f"ref-{ending}", until)


def receipts_of(hook, carrier, reference):
    return [one for webhook in hook.webhooks() if f"ref={reference}&" in webhook.url for one in carrier.read(webhook)]


OUTCOMES = [
    ("10", [(CarrierStatus.SENT, ""), (CarrierStatus.DELIVERED, "")]),
    ("50", [(CarrierStatus.SENT, ""), (CarrierStatus.UNDELIVERED, "")]),
    ("51", [(CarrierStatus.FAILED, "no-such-number")]),
    ("52", [(CarrierStatus.SENT, "")]),
    ("55", [(CarrierStatus.SENT, ""), (CarrierStatus.DELIVERED, "")]),
    ("56", [(CarrierStatus.SENT, ""), (CarrierStatus.DELIVERED, "")]),
    ("60", [(CarrierStatus.FAILED, "network-trouble")]),
    ("61", [(CarrierStatus.FAILED, "network-trouble")]),
    ("63", [(CarrierStatus.SENT, ""), (CarrierStatus.UNDELIVERED, "")]),
    ("64", [(CarrierStatus.SENT, ""), (CarrierStatus.EXPIRED, "too-late")]),
    ("65", [(CarrierStatus.SENT, ""), (CarrierStatus.SENT, ""), (CarrierStatus.DELIVERED, "")]),
    ("66", [(CarrierStatus.FAILED, "0x03")]),
    ("67", [(CarrierStatus.SENT, ""), (CarrierStatus.DELIVERED, "")]),
]


def test_every_outcome_is_told_once_and_read_right(center, carrier, hook):
    """What is answered with `thanks` comes once: the requests are counted, after a later text has come through."""
    expected = {ending: sorted(means) for ending, means in OUTCOMES}

    def told():
        return {ending: sorted((one.status, one.code) for one in receipts_of(hook, carrier, f"once-{ending}"))
                for ending in expected}

    hook.status = carrier.thanks.status
    for ending in expected:
        carrier.send(outgoing(ending, reference=f"once-{ending}"))
    wait_for(lambda: all(len(told()[ending]) >= len(means) for ending, means in expected.items()), lambda: str(told()))
    carrier.send(outgoing("11", reference="afterwards"))
    wait_for(lambda: len(receipts_of(hook, carrier, "afterwards")) == 2)
    assert told() == expected


@pytest.mark.parametrize("body", [
    "+1 & 100% = a+b?  'so' \"what\" #1 %20 %2B", "Grüße {€} [x] ~ | ^ \\", "Привет 🙂", "line\nline\r\n  end  ",
    "€" + "ab[c]" * 60, "Ж🙂" * 200, "a" * 1600, "😀" * 800,
], ids=["signs", "extension", "emoji", "lines", "long", "long emoji", "longest", "longest emoji"])
def test_words_arrive_as_they_were_written(center, carrier, body):
    carrier.send(outgoing("10", body))
    assert wait_for(center.whole_texts) == [("16475550110", body)]
    one = center.texts()[0]
    assert (one["from"], one["ton"], one["npi"]) == ("14165550101", [1, 1], [1, 1])


def test_a_text_is_not_wanted_for_ever(center, carrier):
    """Two texts are compared, because Kannel's clock need not be that of the test."""
    now = datetime.now(UTC)
    for number, hours in enumerate((1, 3)):
        carrier.send(outgoing(f"1{number}", until=now + timedelta(hours=hours)))
    wait_for(lambda: len(center.texts()) == 2)
    first, second = sorted(one["validity"] for one in center.texts())
    moments = [datetime.strptime(told[:12], "%y%m%d%H%M%S").replace(tzinfo=UTC) for told in (first, second)]
    assert abs(moments[1] - moments[0] - timedelta(hours=2)) < timedelta(minutes=3)
    assert first.endswith("+")


def test_what_comes_in(center, carrier, hook):
    told = [("STOP", {}), ("Grüße {€} 1+1=2 & so", {}), ("Привет 🙂", {"coding": "ucs2"}),
            ("abc" * 100, {"parts": 2, "backwards": True}), ("Ж🙂" * 60, {"coding": "ucs2", "parts": 3}),
            ("sar " * 60, {"parts": 2, "by": "sar"})]
    for number, (body, how) in enumerate(told):
        center.text_in(f"+1647555011{number}", OURS, body, **how)
    wait_for(lambda: len(hook.texts()) == len(told), lambda: str(hook.texts()))
    heard = [one for webhook in hook.texts() for one in carrier.read(webhook)]
    assert {(one.sender, one.recipient, one.body) for one in heard} == {
        (f"+1647555011{number}", OURS, body) for number, (body, _how) in enumerate(told)}
    assert len({one.id for one in heard}) == len(told)
    assert all(one.at and one.at.tzinfo is UTC for one in heard)


@pytest.mark.parametrize("status", [503, 204, 404])
def test_what_is_not_thanked_for_is_told_again_under_the_same_id(center, carrier, hook, status):
    hook.status = status
    center.text_in("+16475550110", OURS, "STOP")
    wait_for(lambda: len(hook.texts()) >= 2)
    assert center.acks() == [0], "Kannel has told the center that it has the text before we have it"
    hook.status = carrier.thanks.status
    many = len(hook.texts())
    wait_for(lambda: len(hook.texts()) > many)
    heard = [one for webhook in hook.texts() for one in carrier.read(webhook)]
    assert {type(one) for one in heard} == {IncomingText}
    assert len({one.id for one in heard}) == 1


def test_a_wrong_password_is_the_fault_of_the_account(center, kannel):
    wrong = carrier_of(kannel, secrets={"password": "another"})
    for asks in (lambda: wrong.send(outgoing()), wrong.check):
        with pytest.raises(CarrierError) as caught:
            asks()
        assert (caught.value.code, caught.value.fault) == ("account", Fault.ACCOUNT)
    assert center.texts() == []


def test_how_it_is(center, kannel, carrier):
    assert carrier.check().lines == (1, 1)
    assert carrier_of(kannel, status_address="").check().lines is None
    assert center.texts() == []


def test_a_number_that_is_none_is_refused(center, carrier):
    with pytest.raises(CarrierError) as caught:
        carrier.send(OutgoingText(OURS, "abc", "Hello", "ref-1"))
    assert (caught.value.code, caught.value.fault) == ("400", Fault.TEXT)


def test_strangers_are_not_believed(center, carrier, hook):
    center.text_in("+16475550110", OURS, "STOP")
    carrier.send(outgoing(reference="strange"))
    wait_for(lambda: hook.texts() and receipts_of(hook, carrier, "strange"))
    for webhook in hook.webhooks():
        forged = Webhook({**webhook.headers, "authorization": "Basic " + b64encode(b"kannel:guessed").decode()},
                         webhook.body, webhook.at, webhook.method, webhook.url.replace("ref=", "ref=1"))
        with pytest.raises(ForgedWebhook):
            carrier.read(forged)


@pytest.fixture
def alone(tmp_path):
    """A center, a Kannel that this test may stop, and a hook that hears nothing else."""
    (tmp_path / "kannel").mkdir()
    with (closing(Portal()) as hook, MessageCenter(tmp_path) as center,
          Kannel(tmp_path / "kannel", center, hook.hook) as kannel):
        yield center, kannel, hook


def test_a_kannel_that_is_gone_has_not_looked_at_the_text(alone):
    center, kannel, _hook = alone
    carrier = carrier_of(kannel)
    kannel.stop()
    with pytest.raises(CarrierError) as caught:
        carrier.send(outgoing())
    assert (caught.value.code, caught.value.fault) == ("no-connection", Fault.LATER)
    kannel.start()
    assert carrier.send(outgoing())
    assert len(wait_for(center.texts)) == 1


def test_a_restart_forgets_neither_texts_nor_whose_receipts_they_are(alone):
    center, kannel, hook = alone
    carrier = carrier_of(kannel)
    carrier.send(outgoing("52"))
    wait_for(lambda: len(receipts_of(hook, carrier, "ref-52")) == 1)
    kannel.stop()
    kannel.start()
    center.report(center.texts()[0]["id"], "DELIVRD")
    wait_for(lambda: [one.status for one in receipts_of(hook, carrier, "ref-52")][1:] == [CarrierStatus.DELIVERED])


def test_texts_wait_while_the_operator_is_away(alone):
    center, kannel, hook = alone
    carrier = carrier_of(kannel)
    center.stop()
    wait_for(lambda: carrier.check().lines == (0, 1))
    carrier.send(outgoing())
    center.start()
    wait_for(lambda: {one.status for one in receipts_of(hook, carrier, "ref-10")} >= {CarrierStatus.DELIVERED})
    assert len(center.texts()) == 1


def test_no_number_and_no_word_stands_in_an_address_or_a_log(alone):
    center, kannel, hook = alone
    carrier = carrier_of(kannel)
    carrier.send(outgoing("10", "Blueberries"))
    wait_for(lambda: len(receipts_of(hook, carrier, "ref-10")) == 2)
    center.text_in("+16475550110", OURS, "Cranberries")
    wait_for(hook.texts)
    kept = "".join(path for _method, path, *_ in hook.requests)
    written = [*kannel.folder.glob("*.log"), *kannel.folder.glob("*.out")]
    kept += "".join(file.read_text(errors="replace") for file in written)
    assert kept
    for secret in ("lueberries", "ranberries", "4755501", "6555010", TOKEN, USER_PASSWORD, "invented"):
        assert secret not in kept


def test_kannel_itself_sends_again_when_its_line_breaks_before_the_answer(alone):
    """Nothing that the portal could keep it from; docs/carriers/kannel.md says so."""
    center, kannel, _hook = alone
    carrier_of(kannel).send(outgoing("57"))
    wait_for(lambda: len(center.texts()) >= 2)
    assert len({(one["to"], one["text"]) for one in center.texts()}) == 1


def test_ids_that_the_operator_writes_in_two_ways(alone):
    """What docs/carriers/kannel.md proposes where receipts find no text."""
    center, kannel, hook = alone
    kannel.stop()
    center.change(ids="mixed")
    config = kannel.folder / "kannel.conf"
    config.write_text(config.read_text().replace("smsc = smpp\n", "smsc = smpp\nmsg-id-type = 0x01\n"))
    kannel.start()
    carrier = carrier_of(kannel)
    carrier.send(outgoing())
    wait_for(lambda: {one.status for one in receipts_of(hook, carrier, "ref-10")} >= {CarrierStatus.DELIVERED})
