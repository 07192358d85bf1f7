"""Deciding again, for many texts at once, just before they are handed to the carrier.

Everything is asked anew but what was reserved when the text was accepted: the counts. So switching off, a
block, an opt-out or a lost number stops texts that wait already. A request on the web that waits to be looked into
holds them for a moment.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from portal.carriers.base import OutgoingText
from portal.extensions import db
from portal.models import Number
from portal.rules import Act, Decision, Facts, decide, deny_failed_rule, facts, numbers, texts
from portal.rules.facts import Subject

from ..carriers import desk
from . import web_requests
from .claims import ClaimedText
from .send_facts import SendRecords, TextParties, gather_pace, is_crisis_line

# What stops an automatic answer: the number may not send at all, and that is more than reports say.
NUMBER_STOPPED = ("blocked", "campaign", "number-coming", "number-gone")


# Made once: putting a statement together takes longer than running it.
_OURS: Any = select(Number.id, Number.e164).where(Number.id.in_(bindparam("ids", expanding=True)))


def texts_for_carrier(messages: Sequence[ClaimedText]) -> list[OutgoingText]:
    """Texts as the carrier gets them."""
    if not messages:
        return []
    rows = db.session.connection().execute(_OURS, {"ids": list({one.number_id for one in messages})})
    ours = {row.id: row.e164 for row in rows}
    db.session.rollback()
    return [OutgoingText(ours[one.number_id], one.theirs, one.body, one.ref, one.deadline) for one in messages]


def recheck_texts(messages: Sequence[ClaimedText], moment: datetime,
                  seen: dict[int, Facts] | None = None) -> dict[int, Decision]:
    """The decision about each text by its id; a fixed number of statements for each organization.

    `seen` gets the facts that the rules were asked about.
    """
    records = SendRecords.of(map(_parties, messages), moment)
    carriers = desk.facts_of_carriers(one.route for one in messages)
    asked = web_requests.list_unread_requests(messages, moment)
    decisions: dict[int, Decision] = {}
    ahead: Counter[tuple[Subject, int]] = Counter()
    for one in messages:
        try:
            known = _facts_at_handover(one, records, carriers[one.route], asked.get(one.theirs))
            if seen is not None:
                seen[one.id] = known
            decisions[one.id] = _answer(known) if one.automatic else _decide(one, known, ahead, moment)
        except SQLAlchemyError:
            raise
        except Exception as error:  # noqa: BLE001 - a text whose facts cannot be gathered must not stop the others
            decisions[one.id] = deny_failed_rule("facts", error)
    db.session.rollback()
    return decisions


def _parties(one: ClaimedText) -> TextParties:
    return TextParties(one.organization_id, one.user_id, one.theirs)


def _facts_at_handover(one: ClaimedText, records: SendRecords, carrier: facts.CarrierFacts,
                       silence_asked_at: datetime | None) -> Facts:
    """Every fact about handing a text over now, without the counts that were reserved at acceptance."""
    text = replace(texts.examine_text(one.body), valid_until=one.deadline)
    more: dict[str, Any] = {"carrier": carrier, "silence_asked_at": silence_asked_at}
    if records.senders[one.user_id].number_id != one.number_id:
        # Another user may have the number by now from which the text was written.
        more["number"] = facts.NumberFacts()
    return records.facts_about(_parties(one), numbers.read_number(one.theirs), text, **more)


def _decide(one: ClaimedText, known: Facts, ahead: Counter[tuple[Subject, int]], moment: datetime) -> Decision:
    """Decide about a text written by a person, and count it, so that the rest of the batch queues behind it."""
    if known.recipient is not None and is_crisis_line(known.recipient):
        return decide(Act.SEND, known)
    if not known.restrictions:
        return decide(Act.SEND, known)
    mine, all_of_us = (Subject.USER, one.user_id), (Subject.ORGANIZATION, one.organization_id)
    place = gather_pace(known.restrictions, one.user_id, one.organization_id, moment, "left_at",
                        {mine[0]: ahead[mine], all_of_us[0]: ahead[all_of_us]})
    ahead.update((mine, all_of_us))
    return decide(Act.SEND, replace(known, pace=place))


def _answer(known: Facts) -> Decision:
    """About an automatic answer: reports alone never keep somebody from hearing that their STOP counts."""
    decided = tuple(one for one in known.restrictions or () if not one.by_reports)
    alone = replace(known, contact=None, restrictions=decided)
    stopped = {reason.id for reason in decide(Act.SEND, alone).blocking} & set(NUMBER_STOPPED)
    return decide(Act.ANSWER, replace(alone, answer=facts.Answer(may_send=not stopped)))
