"""What Confirm was pressed for is what is done: for any words, locks, filters and changes by others in between."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.extensions import db
from portal.models import Location, LongChange, LongChangeUser, User
from portal.rules import UserState
from portal.rules.switches import Level, SettingValue
from portal.services import audit
from portal.services.refusals import Changed
from portal.services.toggles import bulk, eligibility, long_changes, long_steps, toggle
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.toggle import ToggleOutcome
from portal.services.toggles.user_list import OWN_SETTING_FILTER, UserChoice

from .companies import SAID, Company, calm_down, draw_others
from .houses import house, one_by_one

WORDS = ("User", "user 3", "@", "1", "555", "nobody", "%", "_", "\\", "Zoé")
FILTERS = {"search": WORDS, "location": (0, 1), "texting": (*UserState, OWN_SETTING_FILTER),
           "rule": ("primary-number", "location-pstn", "blocked", "app-version", "texting-off"),
           "outcome": tuple(ToggleOutcome)}
# `picked` are users who were selected one by one, and not by filters.
EVERYBODY = {"search": "", "location": None, "rule": "", "texting": "", "outcome": "", "wish": "on", "picked": ()}
# What is not worth a search for the smallest example comes from a generator, which spreads it more evenly.
chance = st.randoms(use_true_random=True)
STEPS = tuple((stage, step) for stage in ("change", "undo") for step in range(2))


def draw_choice(chance, most):
    """Everybody, up to so many filters at once, or some who were selected on a page."""
    if chance.random() < 0.2:
        return {**EVERYBODY, "picked": chance.sample(range(5), chance.randint(1, 5))}
    chosen = chance.sample(list(FILTERS), chance.randint(0, most))
    return {**EVERYBODY, "wish": chance.choice(["on", "off", "inherit"]),
            **{name: chance.choice(FILTERS[name]) for name in chosen}}


MANY = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def at_once(open_app, monkeypatch):
    """Most of the time all are changed in one commit."""
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 4)


@pytest.fixture
def in_steps(open_app, monkeypatch):
    """More than one user takes steps, of two users each."""
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(long_steps, "USERS_PER_STEP", 2)


def choice_of(company, drawn):
    place = drawn["location"]
    ref = "" if place is None else db.session.get_one(Location, company.ids[1][place]).ref
    level = "user" if drawn["outcome"] else ""
    people = company.people()
    refs = tuple(people[one].ref for one in drawn["picked"])
    return UserChoice(**{**{name: value for name, value in drawn.items() if name != "picked"}, "location": ref,
                         "level": level, "refs": refs})


class Shown:
    """The preview, as the page shows it, and who is meant, asked one by one."""

    def __init__(self, company, chosen, wish):
        db.session.rollback()
        self.at = company.clock.now()
        snapshot = OrganizationSnapshot.read(company.ids[0])
        where = chosen.conditions(snapshot)
        self.allowed, effect = toggle.judge_bulk_change(company.boss(), wish, where, snapshot)
        self.counts, self.total = effect.counts, effect.counts.total()
        self.seen = audit.newest_event_id(company.ids[0])
        self.before = one_by_one(snapshot)
        self.outcomes = {}
        for outcome in ToggleOutcome:
            groups = toggle.groups_with_outcome(Level.USER, wish, outcome, where, snapshot)
            for one in db.session.scalars(_ids(snapshot, where, groups)):
                self.outcomes[one] = outcome


def _ids(snapshot, where, groups):
    found = eligibility.add_profile_columns(snapshot.members([*where, eligibility.users_in_groups(snapshot, groups)]))
    return found.with_only_columns(User.id, maintain_column_froms=True)


def confirm(company, shown, chosen, wish):
    """Press Confirm: what came of it, or the exception."""
    try:
        return bulk.change_many_settings(company.boss(), wish, chosen, shown.seen, shown.total, shown.at)
    except Changed as refused:
        return refused


@MANY
@given(drawn=house, chance=chance)
def test_what_was_confirmed_is_done(at_once, clock, drawn, chance):
    others = draw_others(chance, ["confirm"], most=2)
    change_and_compare(clock, calm_down(drawn, chance), draw_choice(chance, 3), chance.choice(SAID), others)


@MANY
@given(drawn=house, chance=chance)
def test_what_was_confirmed_is_done_in_steps(in_steps, clock, drawn, chance):
    others = draw_others(chance, ["confirm", *2 * STEPS], most=4)
    change_and_compare(clock, calm_down(drawn, chance), draw_choice(chance, 1), chance.choice((True, False)), others)


def change_and_compare(clock, drawn, filters, wish, others):
    """Look at the effect, press Confirm, let the steps be taken, press Undo; others do what they do in between."""
    company = Company(drawn, clock)
    chosen, wish = choice_of(company, filters), SettingValue(wish)
    shown = Shown(company, chosen, wish)
    do_meanwhile(company, others, "confirm")
    touched = {one for _id, one, _boss, _was, _now in company.events(shown.seen)}
    held, events = company.settings(), len(company.events())
    answer = confirm(company, shown, chosen, wish)
    if isinstance(answer, Changed) or not answer.decision.allowed:
        event("refused")
        assert (company.settings(), len(company.events())) == (held, events), "nothing was written"
        assert db.session.scalars(select(LongChange).where(LongChange.organization_id == company.ids[0])).all() == []
        return
    change = db.session.scalars(select(LongChange).where(LongChange.ref == answer.begun)).first()
    meant = set(db.session.scalars(select(LongChangeUser.user_id).where(
        LongChangeUser.change_id == change.id))) if change else {one for _id, one, boss, *_ in
                                                                 company.events(shown.seen) if boss}
    event("in steps" if change else f"at once: {answer.changed} changed, {answer.left} left")
    check_confirmed(company, shown, wish, answer, meant, touched)
    if change is not None:
        check_steps(company, shown, change.id, meant, others)


def check_confirmed(company, shown, wish, answer, meant, touched):
    """Who is to be changed was shown, has not been changed since, and whoever else was shown is accounted for."""
    change = db.session.scalars(select(LongChange).where(LongChange.ref == answer.begun)).first()
    have = {one: on for one, (on, _version) in company.settings().items()}
    others = shown.outcomes.keys() & touched
    assert meant <= shown.outcomes.keys() - touched
    assert all(have.get(one) is wish.on for one in shown.outcomes.keys() - touched - meant), "who was not to be changed"
    left = change.left_before if change else answer.left
    assert len(others) - sum(have.get(one) is wish.on for one in touched) <= left <= len(others)
    if change is None:
        assert answer.changed == len(meant)
        assert all(have.get(one) is wish.on for one in meant)
        check_outcomes(company, shown, touched)


def check_outcomes(company, shown, touched):
    """The effect that was shown has come about, by the count of each outcome, for everybody but those left alone."""
    after, done = company.standings(), Counter()
    for one, outcome in shown.outcomes.items():
        if one in touched:
            continue
        (_, was, _), (_, on, eligible) = shown.before[one], after[one]
        if not eligible:
            done[ToggleOutcome.NOT_AVAILABLE] += 1
        else:
            assert outcome in {True: (ToggleOutcome.TURN_ON,), False: (ToggleOutcome.TURN_OFF,),
                               None: (ToggleOutcome.UNCHANGED, ToggleOutcome.OWN_WORD)}[on if was != on else None]
            done[outcome] += 1
    left = Counter(shown.outcomes[one] for one in touched if one in shown.outcomes)
    assert done + left == shown.counts


def check_steps(company, shown, change_id, meant, others):
    """Steps change nobody whom another person has changed, nobody twice, and nobody else."""
    before = company.settings()
    take_steps(company, others, "change")
    change = db.session.get_one(LongChange, change_id)
    event(f"left alone in steps: {min(change.left, 1)}, forbidden: {change.forbidden}")
    mine = [event for event in company.events(shown.seen) if event[2]]
    done = [one for _id, one, *_ in mine]
    assert sorted(done) == sorted(set(done)) and set(done) <= meant
    assert change.changed == len(done) and change.ended_at is not None
    assert change.changed + change.left == change.total or change.forbidden
    check_untouched(company, shown.seen, mine)
    take_back(company, change, {one: before.get(one, (None, 0))[0] for one in done}, others)


def do_meanwhile(company, others, moment):
    """What other people do at this moment."""
    for when, doing in others:
        if when == moment:
            company.do(*doing)
    db.session.rollback()


def take_steps(company, others, stage):
    """Every step until the end, each under the rules that hold then."""
    for number in range(10):
        do_meanwhile(company, others, (stage, number))
        last = audit.newest_event_id(company.ids[0])
        administers, locked_users = company.boss().admin, company.list_locked_users()
        if not long_steps.step_long_change():
            return
        for _number, one, _boss, _was, now_set in company.events(last):
            assert administers and (one not in locked_users or now_set == "inherit")
    raise AssertionError("the steps have no end")


def check_untouched(company, seen, mine):
    """No change of ours follows one of another person."""
    theirs = {}
    for number, one, boss, _was, _now in company.events(seen):
        if not boss:
            theirs.setdefault(one, number)
    assert all(one not in theirs or number < theirs[one] for number, one, *_ in mine)


def take_back(company, change, had, others):
    """Undo gives each their earlier setting, but to those whom others have changed since."""
    last = audit.newest_event_id(company.ids[0])
    boss = company.boss()
    if not boss.admin or not long_changes.is_undo_offered(change):
        return
    assert long_changes.undo_long_change(boss, change.ref)
    take_steps(company, others, "undo")
    change = db.session.get_one(LongChange, change.id)
    back = [event for event in company.events(last) if event[2]]
    assert change.undone == len(back)
    assert change.undone + change.not_undone == change.changed or change.forbidden
    for _number, one, _boss, _was, now_set in back:
        assert toggle.read_setting_word(now_set).on is had[one]
    assert not long_changes.undo_long_change(company.boss(), change.ref) if company.boss().admin else True
