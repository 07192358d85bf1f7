"""The secrets of carriers stand nowhere in clear: not in files, logs, pages, backups or what Python prints.

A backup holds none that anybody can read: put back on another machine, carriers need their secrets again.
"""

import base64
import logging
from contextlib import closing
from urllib.parse import quote

import pytest
from sqlalchemy import select

from portal.app import create_app
from portal.extensions import db
from portal.models import CarrierRecord, HandOver, TextState
from portal.services.carriers import carrier_records, carrier_state, desk
from portal.services.carriers.carrier_records import CarrierInput
from portal.services.carriers.carrier_state import CarrierVerdict
from portal.services.upkeep import backups
from tests import cast
from tests.acceptance.running import HookServer, RunningPortal, number_of
from tests.carriers.http_peer import HttpPeer, HttpReply
from tests.carriers.rigs.telnyx import SETUP as TELNYX
from tests.carriers.rigs.twilio import ACCOUNT
from tests.patience import wait_for
from tests.peers.center import SYSTEM, MessageCenter

pytestmark = pytest.mark.slow


def marker(kind, name):
    return f"Marker-{kind}-{name}-0123456789abcdef"


def secrets_of(kind):
    return {one.name: marker(kind.name, one.name) for one in kind.fields if one.secret}


def traces_of(secret):
    """The secret as it may stand somewhere: as it is, in an address, and in base64, whatever stands before it."""
    shifted = [base64.b64encode(b"." * shift + secret.encode()).decode()[4:-4] for shift in range(3)]
    return {secret, quote(secret, safe=""), secret[8:], *shifted}


def found_in(told):
    """The secrets that can be found in bytes or words."""
    told = told if isinstance(told, bytes) else told.encode()
    kinds = carrier_records.list_kinds()
    return [secret for kind in kinds for secret in secrets_of(kind).values()
            if any(trace.encode() in told for trace in traces_of(secret))]


def echo(request):
    """The worst answer of a carrier: a refusal that repeats all that it heard."""
    return HttpReply(401, f"Wrong: {request.headers} {request.query} {request.body!r}".encode())


@pytest.fixture
def peer():
    with closing(HttpPeer(echo)) as made:
        yield made


@pytest.fixture
def center(tmp_path):
    with MessageCenter(tmp_path, password=marker("smpp", "password")) as made:
        yield made


@pytest.fixture
def everywhere(peer, center):
    """{kind: what an operator types for it}."""
    return {
        "kannel": {"address": peer.address, "user": "portal", "status_address": peer.address},
        "twilio": {"address": peer.address, "account": ACCOUNT},
        "telnyx": {**TELNYX.settings, "address": peer.address},
        "bandwidth": {"address": peer.address, "token_address": peer.address, "account": "1", "application": "2",
                      "client": "3", "user": "portal"},
        "smpp": {"host": "127.0.0.1", "port": str(center.port), "tls": "", "account": SYSTEM},
    }


@pytest.fixture
def used(portal, everywhere):
    """{kind: ref} of a carrier of each kind; a text was handed to each, and only the center took it."""
    refs = {}
    for place, kind in enumerate(carrier_records.list_kinds()):
        ref = portal.carry_all(portal.add_carrier(kind.name, secrets_of(kind), everywhere[kind.name]))
        portal.send(number_of(10 + place), f"Text {kind.name}")
        wait_for(lambda ref=ref: was_asked(portal, ref))
        refs[kind.name] = ref
    return refs


def was_asked(portal, ref):
    with portal.inside():
        return db.session.scalar(select(HandOver.id).where(HandOver.carrier == ref).limit(1))


def pages_of_operators(olga, app, used):
    """Every page of operators that needs no more than a carrier or a kind, and what their buttons answer."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.arguments <= {"ref", "kind"}
             and rule.rule.startswith("/operator") and (not rule.arguments or "/carriers/" in rule.rule)]
    assert len(rules) > 10
    for rule in rules:
        for kind, ref in used.items():
            yield olga.get(rule.rule.replace("<ref>", ref).replace("<kind>", kind))
    for kind, ref in used.items():
        yield olga.post(f"/operator/carriers/{ref}/test")
        typed = {f"secret-{name}": secret for name, secret in secrets_of(carrier_records.find_kind(kind)).items()}
        yield olga.post(f"/operator/carriers/{ref}", data={"name": "", **typed})
        yield olga.post(f"/operator/carriers/new/{kind}", data={"name": "", **typed})


def test_no_secret_stands_anywhere(portal, used, browse, log_lines, caplog, capfd, tmp_path, peer):
    caplog.set_level(logging.INFO)
    olga = browse("Olga", which=portal.app)
    pages = [cast.page_text(answer) for answer in pages_of_operators(olga, portal.app, used)]
    for ref in used.values():
        assert browse(which=portal.app).get(f"/hooks/{ref}?token=guessed").status_code >= 400
    assert any("401" in page or "does not accept" in page for page in pages)
    assert found_in(repr([request.headers for request in peer.requests])), "no carrier was given its secret"
    assert [found_in(page) for page in pages if found_in(page)] == []
    out, err = capfd.readouterr()
    assert found_in("\n".join([*log_lines, caplog.text, out, err])) == []
    settings = portal.app.config["SETTINGS"]
    backups.copy_database_file(settings.database, tmp_path / "copy.db", settings.number_key)
    files = [*settings.database.parent.glob(f"{settings.database.name}*"), tmp_path / "copy.db",
             *settings.instance.glob("*")]
    assert any(file.name.endswith("-wal") for file in files)
    assert {file.name: found_in(file.read_bytes()) for file in files if file.is_file() and found_in(
        file.read_bytes())} == {}


def test_python_prints_no_secret(portal, used, everywhere):
    with portal.inside():
        records = db.session.scalars(select(CarrierRecord)).all()
        live = [desk.find_carrier(one.ref) for one in records]
        typed = [CarrierInput(kind.name, everywhere[kind.name], secrets_of(kind))
                 for kind in carrier_records.list_kinds()]
        states = carrier_state.list_carrier_states()
        assert found_in(repr([records, live, typed, states, portal.app.config["SETTINGS"]])) == []


@pytest.fixture
def elsewhere(portal, center, tmp_path, people):
    """A portal on another machine, from a backup in which a text waits for the center; CARRIER_KEY stayed behind."""
    kind = carrier_records.find_kind("smpp")
    typed = {"host": "127.0.0.1", "port": str(center.port), "tls": "", "account": SYSTEM}
    portal.carry_all(portal.add_carrier("smpp", secrets_of(kind), typed))
    portal.stop()
    portal.send(number_of(10), "It waits in the backup")
    settings, folder = portal.app.config["SETTINGS"], tmp_path / "elsewhere"
    folder.mkdir()
    backups.copy_database_file(settings.database, tmp_path / "copy.db", settings.number_key)
    backups.restore_database_file(tmp_path / "copy.db", folder / "portal.db", folder / "number_key")
    with closing(HookServer()) as hook:
        hook.app = create_app({"CARRIER_NETWORKS": "127.0.0.0/8", "PORTAL_URL": hook.address}, folder)
        hook.app.test_client_class = cast.Browser
        with RunningPortal(hook.app, hook, people) as running:
            yield running
        with hook.app.app_context():
            db.engine.dispose()


def verdict_of(portal):
    with portal.inside():
        (state,) = carrier_state.list_carrier_states()
        return state.record.ref, state.verdict


def test_after_a_restore_without_the_key_texts_wait_for_the_secrets(elsewhere, center, browse):
    ref, verdict = verdict_of(elsewhere)
    assert verdict is CarrierVerdict.NEEDS_SECRETS
    elsewhere.send(number_of(11), "It waits as well")
    wait_for(lambda: ref in elsewhere.worker.lanes.lanes)
    assert "needs its secrets again" in browse("Olga", which=elsewhere.app).get(f"/operator/carriers/{ref}").text
    assert browse(which=elsewhere.app).post(f"/hooks/{ref}", token=False).status_code == 503
    assert [one.state for one in elsewhere.texts()] == [TextState.QUEUED] * 2
    assert center.texts() == []
    elsewhere.change_carrier(ref, secrets_of(carrier_records.find_kind("smpp")))
    elsewhere.wait_for_outcomes({"10": ("delivered", ""), "11": ("delivered", "")})
    assert verdict_of(elsewhere) == (ref, CarrierVerdict.WORKING)
