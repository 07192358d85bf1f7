"""What tests of the portal with a carrier behind it share: texts that leave, steps of the worker, news that come."""

from portal import lengths
from portal.carriers import make_carrier
from portal.extensions import current_carrier, db
from portal.services.hashes import token_hash
from portal.services.texting import carrier_news, outbox, sending
from tests.talks import THEIRS

OURS = "+14165550101"


def put_behind(app, monkeypatch, kind, setup):
    """Let a carrier of this kind take every text of the test."""
    made = make_carrier(kind, setup)
    # Only where texts really leave are the invented numbers of these tests refused.
    made.real = False
    monkeypatch.setitem(app.extensions, "carrier", made)


def send(user, number=THEIRS, body="Your shoes are ready."):
    """Write a text that no rule refuses."""
    sent = sending.send_text(user, number, body, token_hash(f"{number} {body}")[:lengths.SUBMISSION_KEY])
    assert [one.id for one in sent.decision.blocking] == []


def work(times=1):
    """Let a worker step."""
    worker = outbox.OutboxWorker("test")
    for _ in range(times):
        worker.step()
    db.session.rollback()


def take(webhook):
    """The carrier tells something, and the portal takes it."""
    carrier_news.process_webhook(current_carrier().ref, webhook)
    db.session.rollback()
