"""What carriers tell, by a webhook or over a line: receipts and texts that came in.

The carrier hears that we have it only after the commit. If anything fails before, the carrier tells it again.
"""

import logging
from collections.abc import Mapping, Sequence

from sqlalchemy.exc import SQLAlchemyError

from portal.carriers.base import CarrierNews, CarrierReceipt, ForgedWebhook, IncomingText, Webhook, WebhookAnswer
from portal.extensions import db, now

from ..carriers import desk, refused_calls
from . import inbound, receipts

log = logging.getLogger("portal.receiving")


def process_webhook(ref: str, webhook: Webhook) -> None:
    """Store what a carrier's webhook brings: the receipts in one commit, each text in its own.

    Raises ForgedWebhook before anything is parsed, and passes errors of the database on. Nothing is lost then: the
    carrier gets no 2xx and sends the webhook again.
    """
    events = desk.find_carrier(ref).read(webhook)
    db.session.rollback()
    store_news(ref, events)


def store_news(ref: str, events: Sequence[CarrierNews]) -> None:
    """Store what a carrier told, however it told it; returns after the last commit. Errors of the database pass."""
    receipts.take_receipts(ref, [one for one in events if isinstance(one, CarrierReceipt)])
    for one in events:
        if isinstance(one, IncomingText):
            inbound.receive_text(ref, one)


def answer_webhook(ref: str, headers: Mapping[str, str], body: bytes, method: str = "POST",
                   url: str = "") -> WebhookAnswer:
    """Take a webhook and return what its carrier hears: its thanks after the commit, 401 forged, 503 try again.

    `url` is the whole address as the carrier called it. The background process needs this as well as the web, for a
    carrier that has no network. Raises LookupError for a carrier that there is not.
    """
    webhook = Webhook({name.lower(): value for name, value in headers.items()}, body, now(), method, url)
    try:
        process_webhook(ref, webhook)
        return desk.find_carrier(ref).thanks
    except ForgedWebhook:
        db.session.rollback()
        log.warning("webhook_forged", extra={"fields": {"carrier": ref}})
        refused_calls.note_refused_call(ref)
        return WebhookAnswer(401)
    except desk.UnusableCarrier:
        return WebhookAnswer(503)
    except (SQLAlchemyError, ValueError, RecursionError):
        # The signature is right, but we could not read or store it. The carrier keeps it and tries again.
        db.session.rollback()
        log.exception("webhook_not_taken")
        return WebhookAnswer(503)
    finally:
        db.session.rollback()
