"""Reports and their cases: one case per sender and week, as grave and as heavy as its reports, with some evidence."""

from datetime import timedelta
from itertools import product
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from portal.extensions import db, make_ref, now, writing
from portal.models import Case, CaseEntry, Evidence, Number, Report, Restriction
from portal.rules.cases import CaseState, Lane, Match, deadline_of_case
from portal.rules.facts import Category
from portal.rules.texts import hash_of_template
from portal.services import hashes
from portal.services.spam import decisions
from portal.services.spam.intake import (
    GRAVITY,
    MOST_EVIDENCE,
    MOST_OF_ONE,
    MOST_WEAK,
    add_report_to_case,
    private_rule_ids,
    time_zone_of_desk,
    weigh_case,
)
from tests.reports import SPAM, case, number, report, reported, sent, settle, told

ULI, BEN, OTTO = "+14165550101", "+14165550102", "+12065550160"


def filed(theirs=1, source="", **more):
    """A report that was compared already; `theirs` counts the people who report, 0 is one who left no number."""
    key = hashes.keyed_hash(number(theirs), "reporter") if theirs else ""
    source = source or f"place {theirs}"
    with writing() as session:
        one = Report(**{"ref": make_ref()[:9], "token": make_ref(), "sender": ULI, "body": SPAM, "theirs_key": key,
                        "source": source, "place": source, "matched": Match.VERIFIED, "category": Category.SCAM,
                        **more})
        session.add(one)
    return one


def texts(*bodies, user_id=None):
    """Texts of the sent log, as `matching` hands them on."""
    return [SimpleNamespace(ref=make_ref(), at=now(), body=body, template=hash_of_template(body), theirs=number(1),
                            user_id=user_id) for body in bodies]


def add(one, found=(), sender=ULI, moment=None):
    """What `matching` does with a report whose texts it has found."""
    with writing() as session:
        held = session.scalars(select(Number).where(Number.e164 == sender)).one()
        return add_report_to_case(one, held, found, moment or now())


def cases():
    return db.session.scalars(select(Case).order_by(Case.id)).all()


# --- which case ----------------------------------------------------------------------------------


def test_the_first_report_opens_a_case_about_the_user_who_sent_the_text(uli, organizations):
    one = filed()
    made = add(one, texts(SPAM, user_id=uli.id))
    assert (made.organization_id, made.user_id, made.state) == (organizations["Maple"].id, uli.id, CaseState.OPEN)
    assert one.case_id == made.id
    assert db.session.scalars(select(CaseEntry.what).where(CaseEntry.case_id == made.id)).all() == ["opened"]


def test_without_a_text_the_user_who_has_the_number_now_is_the_sender(uli, row):
    assert add(filed()).user_id == uli.id
    with writing() as session:
        session.scalars(select(Number).where(Number.e164 == BEN)).one().user_id = None
    assert add(filed(2), sender=BEN).user_id is None


def test_whoever_had_the_number_when_the_text_left_is_the_sender(uli, row):
    """A number may have changed hands since: then they are two cases."""
    later, former = add(filed(1)), add(filed(2), texts(SPAM, user_id=row("Ben").id))
    assert (later.user_id, former.user_id) == (uli.id, row("Ben").id)
    assert add(filed(3), texts("Other words", user_id=row("Ben").id)).id == former.id


def test_reports_of_two_organizations_are_never_in_one_case(uli, organizations):
    one, other = add(filed(1)), add(filed(1), sender=OTTO)
    assert one.id != other.id
    assert [one.organization_id, other.organization_id] == [organizations[name].id for name in ("Maple", "Harbor")]
    assert one.verified == other.verified == 1


@pytest.mark.parametrize(("days", "same"), [(0, True), (6.9, True), (7.1, False)])
@pytest.mark.parametrize("state", CaseState)
def test_one_case_per_sender_and_week_while_it_is_open(uli, days, same, state):
    moment = now()
    first = add(filed(1), moment=moment - timedelta(days=days))
    with writing():
        first.state = state
    assert (add(filed(2), moment=moment).id == first.id) is (same and state in {CaseState.OPEN, CaseState.ASSIGNED})


# --- one person ----------------------------------------------------------------------------------


def test_one_person_counts_once(uli):
    sent(uli.id, number(1))
    again = [told(uli.number, number(1), source=f"place {index}") for index in range(5)]
    settle()
    assert [report(one).repeated for one in again] == [False, True, True, True, True]
    assert case().verified == 1


PROOFS = list(product([Lane.NORMAL, Lane.SLOW], [Match.VERIFIED, Match.KNOWN]))


def strength(proof):
    return proof[0] is Lane.NORMAL, proof[1] is Match.VERIFIED


@pytest.mark.parametrize("before", PROOFS)
@pytest.mark.parametrize("after", PROOFS)
def test_of_two_reports_by_one_person_the_stronger_counts_and_else_the_first(uli, before, after):
    """Nobody can spoil a genuine report by a weak one in the same name. The lane says more than the proof."""
    one, other = (filed(1, f"place {index}", lane=lane, matched=matched)
                  for index, (lane, matched) in enumerate((before, after)))
    add(one)
    add(other)
    stronger = strength(after) > strength(before)
    assert (one.repeated, other.repeated) == (stronger, not stronger)


@pytest.mark.parametrize(("first", "second", "one_person"), [
    ((1, "a"), (1, "b"), True), ((1, "a"), (2, "a"), False), ((0, "a"), (0, "a"), True), ((0, "a"), (0, "b"), False),
    ((0, "a"), (1, "a"), False)])
def test_without_a_number_the_source_stands_for_the_person(uli, first, second, one_person):
    add(filed(*first))
    other = filed(*second)
    add(other)
    assert other.repeated is one_person


# --- how heavy and how grave ---------------------------------------------------------------------


def test_a_case_weighs_what_its_reports_weigh_together(uli):
    known = {"matched": Match.KNOWN}
    for theirs, more in ((1, {}), (1, known), (2, {"lane": Lane.SLOW}), (3, known), (0, known)):
        made = add(filed(theirs, **more))
    assert (made.verified, made.known, made.weight, made.lane) == (2, 2, 22, Lane.NORMAL)


def test_a_case_of_slow_reports_alone_is_read_last(uli):
    assert add(filed(1, lane=Lane.SLOW)).lane is Lane.SLOW
    assert add(filed(2)).lane is Lane.NORMAL


def test_every_category_has_its_place_from_the_gravest_to_the_least():
    assert sorted(GRAVITY) == sorted(Category)


def test_a_case_is_as_grave_as_its_gravest_verified_report(uli):
    reported(uli.id, uli.number, 1, category=Category.ADVERTISING)
    told(uli.number, "", category=Category.SCAM)
    settle()
    assert case().category is Category.ADVERTISING
    told(uli.number, number(0), category=Category.OTHER)
    sent(uli.id, number(5))
    told(uli.number, number(5), category=Category.THREATENING)
    settle()
    assert case().category is Category.THREATENING


@pytest.mark.parametrize("gravest", range(len(GRAVITY)))
def test_the_gravest_category_wins_in_any_order(uli, gravest):
    for theirs, category in enumerate(reversed(GRAVITY[gravest:]), start=1):
        made = add(filed(theirs, category=category))
    assert made.category is GRAVITY[gravest]
    assert add(filed(9, category=None)).category is GRAVITY[gravest]


def test_without_a_category_a_case_is_about_something_else(uli):
    assert add(filed(category=None)).category is Category.OTHER


def test_verified_reports_in_their_turn_decide_then_verified_ones_then_all(uli):
    assert add(filed(1, matched=Match.KNOWN, category=Category.THREATENING)).category is Category.THREATENING
    assert add(filed(2, lane=Lane.SLOW, category=Category.SCAM)).category is Category.SCAM
    assert add(filed(3, category=Category.WRONG_PERSON)).category is Category.WRONG_PERSON


@pytest.mark.parametrize(("more", "verified"), [({}, 1), ({"category": Category.OTHER}, 1), ({"lane": Lane.SLOW}, 0),
                                                ({"matched": Match.KNOWN}, 0)])
def test_the_deadline_follows_category_and_proof(uli, more, verified):
    moment = now()
    made = add(filed(**more), moment=moment)
    assert made.target_at == deadline_of_case(moment, made.category, verified, time_zone_of_desk())


def test_weighing_again_changes_nothing_and_counts_no_repeated_report(uli):
    made = add(filed(1))
    add(filed(1, "elsewhere"))
    before = (made.verified, made.known, made.weight, made.category, made.lane, made.target_at)
    with writing():
        weigh_case(made)
    assert (made.verified, made.known, made.weight, made.category, made.lane, made.target_at) == before
    assert made.verified == 1


def test_a_case_without_reports_weighs_nothing(uli):
    made = add(filed(1))
    with writing() as session:
        session.delete(session.scalars(select(Report)).one())
        session.flush()
        weigh_case(made)
    assert (made.verified, made.known, made.weight, made.category, made.lane) == (0, 0, 0, Category.OTHER, Lane.NORMAL)


def test_a_reopened_case_keeps_its_new_target(uli, row, clock):
    sent(uli.id, number(1))
    told(uli.number, number(1))
    settle()
    decisions.decide_case(row("Olga"), case(), decisions.Verdict(CaseState.NOT_UPHELD))
    clock.forward(days=5)
    decisions.reopen_decided_case(row("Olga"), case(), "More has come")
    target = case().target_at
    sent(uli.id, number(2))
    told(uli.number, number(2))
    settle()
    assert case().target_at >= target > case().opened_at + timedelta(days=4)


@pytest.mark.parametrize(("many", "restricted"), [(2, False), (3, True)])
@pytest.mark.parametrize("matched", [Match.VERIFIED, Match.KNOWN])
def test_verified_reports_alone_may_restrict_the_sender(uli, many, restricted, matched):
    for theirs in range(1, many + 1):
        add(filed(theirs, matched=matched))
    assert bool(db.session.scalars(select(Restriction)).all()) is (restricted and matched is Match.VERIFIED)


# --- evidence ------------------------------------------------------------------------------------


def evidence():
    return db.session.scalars(select(Evidence).order_by(Evidence.id)).all()


def test_reported_texts_are_copied_with_a_hash_of_whom_they_went_to(uli):
    text, = texts(SPAM)
    made = add(filed(), [text])
    (kept,) = evidence()
    assert (kept.case_id, kept.message_ref, kept.at, kept.body, kept.template) == (
        made.id, text.ref, text.at, SPAM, hash_of_template(SPAM))
    assert kept.theirs_key == hashes.keyed_hash(number(1), "reporter")


def test_a_text_is_copied_once_for_a_case(uli):
    found = texts(SPAM)
    for theirs in (1, 2, 3):
        add(filed(theirs), found)
    assert len(evidence()) == 1


@pytest.mark.parametrize(("more", "most"), [
    ({}, MOST_EVIDENCE), ({"lane": Lane.SLOW}, MOST_WEAK), ({"matched": Match.KNOWN}, MOST_WEAK)])
def test_nobody_fills_a_case_with_texts(uli, more, most):
    """Two from one report, and from weak ones fewer in all, so that room is left for a genuine one."""
    for theirs in range(1, 15):
        before = len(evidence())
        add(filed(theirs, **more), texts(*(f"{theirs} {index}" for index in range(5))))
        assert len(evidence()) - before <= MOST_OF_ONE
    assert len(evidence()) == most
    add(filed(20), texts(SPAM))
    assert (SPAM in [one.body for one in evidence()]) is bool(more)


def test_harmless_texts_do_not_fill_the_evidence(uli):
    for index in range(8):
        words = f"Your appointment number {index} has been moved to the {index + 1}. floor, left"
        sent(uli.id, number(index), words)
        told(uli.number, number(index), words, suspect="honeypot")
    settle()
    assert len(evidence()) <= MOST_WEAK
    sent(uli.id, number(20))
    told(uli.number, number(20))
    settle()
    assert SPAM in [one.body for one in evidence()]


# --- in private ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("ours", "again", "expected"), [
    (None, None, set()), (True, None, set()), (False, None, {"report-not-ours"}), (True, False, set()),
    (True, True, {"report-again"}), (False, True, {"report-not-ours", "report-again"})])
def test_the_rules_that_are_decided_in_private(uli, ours, again, expected):
    assert private_rule_ids(ours=ours, again=again) == expected


def test_the_desk_keeps_the_hours_of_its_own_zone(another, inside):
    with inside():
        assert time_zone_of_desk() == ZoneInfo("America/New_York")
    with inside(another(DESK_ZONE="Europe/Paris")):
        assert time_zone_of_desk() == ZoneInfo("Europe/Paris")
