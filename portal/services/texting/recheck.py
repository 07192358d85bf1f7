"""Deciding again, for many texts at once, just before they are handed to the carrier.

Everything is asked anew but what was reserved when the text was accepted: the counts. So switching off, a
block, an opt-out or a lost number stops texts that wait already.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from portal.carriers.base import OutgoingText
from portal.extensions import db
from portal.models import Consent, Message, Number, OptOut, User
from portal.rules import Act, Decision, Facts, decide, deny_failed_rule, facts, numbers, texts
from portal.rules.facts import Subject

from ..toggles.eligibility import OrganizationSnapshot, UserProfile, add_profile_columns, split_profile
from . import erased_numbers
from .send_facts import carrier_facts, gather_pace

# What stops an automatic answer: the number may not send at all, and that is more than reports say.
NUMBER_STOPPED = ("blocked", "campaign")


# Made once: putting a statement together takes longer than running it.
_IDS: Any = bindparam("ids", expanding=True)
_OURS = select(Number.id, Number.e164).where(Number.id.in_(_IDS))
_PROFILES = add_profile_columns(select().select_from(User).where(User.id.in_(_IDS))).add_columns(
    User.id, Number.id, Number.e164)
_SAID = select(OptOut.organization_id, OptOut.theirs, OptOut.consent, OptOut.said_at).where(
    OptOut.organization_id.in_(_IDS), OptOut.theirs.in_(bindparam("theirs", expanding=True)))


def texts_for_carrier(messages: Sequence[Message]) -> list[OutgoingText]:
    """Texts as the carrier gets them."""
    if not messages:
        return []
    rows = db.session.execute(_OURS, {"ids": list({one.number_id for one in messages})})
    ours = {row.id: row.e164 for row in rows}
    db.session.rollback()
    return [OutgoingText(ours[one.number_id], one.theirs, one.body, one.ref) for one in messages]


def recheck_texts(messages: Sequence[Message], moment: datetime) -> dict[int, Decision]:
    """The decision about each text by its id; a fixed number of statements for each organization."""
    rolls = {one: OrganizationSnapshot.of(one) for one in {message.organization_id for message in messages}}
    profiles = _profiles({message.user_id for message in messages})
    said = _said(messages)
    decisions: dict[int, Decision] = {}
    ahead: Counter[tuple[Subject, int]] = Counter()
    for one in messages:
        try:
            known = _known(one, rolls[one.organization_id], profiles, said, moment)
            decisions[one.id] = _answer(known) if one.automatic else _decide(one, known, ahead, moment)
        except SQLAlchemyError:
            raise
        except Exception as error:  # noqa: BLE001 - a text whose facts cannot be gathered must not stop the others
            decisions[one.id] = deny_failed_rule("facts", error)
    db.session.rollback()
    return decisions


def _decide(one: Message, known: Facts, ahead: Counter[tuple[Subject, int]], moment: datetime) -> Decision:
    """About a text that somebody wrote; counts it among those that go ahead of the next."""
    mine, all_of_us = (Subject.USER, one.user_id), (Subject.ORGANIZATION, one.organization_id)
    place = gather_pace(known.restrictions or (), one.user_id, one.organization_id, moment, Message.left_at,
                        {mine[0]: ahead[mine], all_of_us[0]: ahead[all_of_us]})
    ahead.update((mine, all_of_us))
    return decide(Act.SEND, replace(known, pace=place))


def _profiles(user_ids: Iterable[int]) -> dict[int, tuple[UserProfile, int | None, str]]:
    """Profile, number id and number of each user."""
    rows = db.session.execute(_PROFILES, {"ids": list(user_ids)})
    return {rest[0]: (profile, rest[1], rest[2] or "") for profile, rest in map(split_profile, rows)}


def _said(messages: Sequence[Message]) -> dict[tuple[int, str], tuple[Consent, datetime]]:
    """What the recipients want of the organizations."""
    asked = {(one.organization_id, one.theirs) for one in messages}
    meant = {(pair[0], form): pair for pair in asked for form in erased_numbers.stored_forms_of_number(*pair)}
    rows = db.session.execute(_SAID, {"ids": list({mine for mine, _theirs in meant}),
                                      "theirs": list({form for _mine, form in meant})})
    found = [(meant.get((row.organization_id, row.theirs)), row) for row in rows]
    return {pair: (row.consent, row.said_at) for pair, row in found if pair}


def _known(one: Message, roll: OrganizationSnapshot, profiles: dict[int, tuple[UserProfile, int | None, str]],
           said: dict[tuple[int, str], tuple[Consent, datetime]], moment: datetime) -> Facts:
    """Every fact about handing a text over now, without the counts that were reserved at acceptance."""
    profile, number_id, e164 = profiles[one.user_id]
    known = roll.facts_of(profile, one.user_id, e164)
    if number_id != one.number_id:
        # The number that the text was written from is somebody else's by now.
        known = replace(known, number=facts.NumberFacts())
    consent, at = said.get((one.organization_id, one.theirs), (None, None))
    return replace(
        known, recipient=numbers.read_number(one.theirs), text=texts.examine_text(one.body), now=moment,
        carrier=carrier_facts(),
        contact=facts.Contact(opted_out_at=at if consent is Consent.OUT else None,
                              perhaps_out=consent is Consent.LIKELY_OUT),
    )


def _answer(known: Facts) -> Decision:
    """About an automatic answer: reports alone never keep somebody from hearing that their STOP counts."""
    decided = tuple(one for one in known.restrictions or () if not one.by_reports)
    alone = replace(known, contact=None, restrictions=decided)
    stopped = {reason.id for reason in decide(Act.SEND, alone).blocking} & set(NUMBER_STOPPED)
    return decide(Act.ANSWER, replace(alone, answer=facts.Answer(may_send=not stopped), carrier=carrier_facts()))
