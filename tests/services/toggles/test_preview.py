"""What is shown before a change is what happens, whoever said what (UX-06).

One small organization stays; its words, accounts, numbers and connections are drawn anew for every example.
"""

from collections import Counter
from contextlib import contextmanager, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from portal.extensions import db, writing
from portal.models import AccountState, AuditEvent, Location, Number, Organization, Restriction, Setting, User
from portal.rules import UserState
from portal.rules.facts import Campaign, Cause, NumberSource, Pstn, Restraint, Subject
from portal.rules.numbers import NumberKind
from portal.rules.switches import Level
from portal.services.names import key_of_name
from portal.services.toggles import eligibility, toggle, user_list
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.toggle import SettingValue, ToggleOutcome
from portal.services.toggles.user_list import UserChoice

USERS = 5

said = st.sampled_from([None, True, False])
locked = st.builds(lambda on, lock: SettingValue(on, lock and on is not None), said, st.booleans())
person = st.fixed_dictionaries({
    "location": st.integers(0, 1), "account": st.sampled_from(AccountState),
    "app": st.sampled_from(["", "42.9", "43.1"]),
    "number": st.sampled_from([None, NumberKind.PLAIN, NumberKind.PLAIN, NumberKind.PLAIN, NumberKind.TOLL_FREE]),
    "source": st.sampled_from([None, None, NumberSource.OTHER, NumberSource.CALLING_PLAN]), "word": said,
    "restraint": st.sampled_from([None, None, None, Restraint.BLOCK, Restraint.THROTTLE]),
})
house = st.fixed_dictionaries({
    "people": st.lists(person, min_size=USERS, max_size=USERS),
    "pstn": st.lists(st.sampled_from([Pstn.PROVIDER, Pstn.PROVIDER, Pstn.LOCAL_GATEWAY]), min_size=2, max_size=2),
    "words": st.lists(locked, min_size=3, max_size=3), "add_on": st.sampled_from([True, True, True, False]),
    "campaign": st.sampled_from([Campaign.ACTIVE, Campaign.PENDING]),
})
# Which unit changes: the organization, a location, or a user; and what it says then.
change = st.tuples(st.sampled_from(["organization", 0, 1, "user"]), locked)


@pytest.fixture
def small(inside):
    """The ids of an organization with two locations and five users, in a context that stays open."""
    with inside():
        with writing() as session:
            organization = Organization(name="Small", name_key="small", calling_plan=True)
            session.add(organization)
            session.flush()
            places = [Location(organization_id=organization.id, name=name, name_key=name, country="CA",
                               time_zone="America/Toronto") for name in ("one", "two")]
            session.add_all(places)
            session.flush()
            session.add_all(User(organization_id=organization.id, location_id=places[0].id, name=f"User {n}",
                                 name_key=key_of_name(f"User {n}"), email=f"{n}@small.example",
                                 email_key=f"{n}@small.example") for n in range(USERS))
            session.flush()
            event = AuditEvent(organization_id=organization.id, actor_name="Test", action="texting", subject="user",
                               subject_name="Test")
            session.add(event)
            session.flush()
            kept = organization.id, [place.id for place in places], event.id
        yield kept


class Undo(Exception):
    """Raised to leave nothing behind."""


@contextmanager
def furnished(small, drawn):
    """An example's words, accounts, numbers and restrictions, in a transaction that is taken back."""
    with suppress(Undo), writing() as session:
        furnish(session, small, drawn)
        session.expire_all()
        yield
        raise Undo


def furnish(session, small, drawn):
    """Put an example in place."""
    organization_id, places, event_id = small
    mine = {"organization_id": organization_id}
    session.execute(update(Organization).where(Organization.id == organization_id).values(
        add_on=drawn["add_on"], campaign=drawn["campaign"]))
    for place, pstn in zip(places, drawn["pstn"], strict=True):
        session.execute(update(Location).where(Location.id == place).values(pstn=pstn))
    users = session.scalars(select(User.id).where(User.organization_id == organization_id).order_by(User.id)).all()
    words = list(zip([Level.ORGANIZATION, Level.LOCATION, Level.LOCATION], [organization_id, *places],
                     drawn["words"], strict=True))
    for user_id, one in zip(users, drawn["people"], strict=True):
        session.execute(update(User).where(User.id == user_id).values(
            location_id=places[one["location"]], account=one["account"], app_version=one["app"]))
        words.append((Level.USER, user_id, SettingValue(one["word"])))
        if one["number"]:
            session.add(Number(e164=f"+1416555{user_id:04}", kind=one["number"], source=one["source"],
                               user_id=user_id, **mine))
        if one["restraint"]:
            session.add(Restriction(subject=Subject.USER, user_id=user_id, restraint=one["restraint"],
                                    cause=Cause.SPAM, **mine))
    # A word that was taken back keeps its row: silence stands in the table in two ways.
    session.add_all(Setting(level=level, unit_id=unit, on=wish.on, locked=wish.locked, said_by="Test",
                            event_id=event_id,
                            **mine) for level, unit, wish in words if wish.on is not None or unit % 2)
    session.flush()


def unit_of(small, which):
    """The unit that changes."""
    organization_id, places, _event = small
    if which == "organization":
        return db.session.get_one(Organization, organization_id)
    if which == "user":
        return db.session.scalars(select(User).where(User.organization_id == organization_id)).first()
    return db.session.get_one(Location, places[which])


def one_by_one(snapshot):
    """Every user's (state, whether texting is on, whether everything else is in order), each asked alone."""
    found = {}
    for user in db.session.scalars(select(User).where(User.organization_id == snapshot.organization.id)):
        profile = eligibility.profile_of_user(user)
        held = eligibility.standing_of_user(user, snapshot)
        found[user.id] = held.state, snapshot.effective(profile).on, held.state is not UserState.NOT_AVAILABLE
    return found


def difference(before, after, users):
    """What really happened to these users."""
    counted = Counter()
    for user in users:
        (_, was, eligible), (_, now_on, _) = before[user], after[user]
        if not eligible:
            counted[ToggleOutcome.NOT_AVAILABLE] += 1
        elif was != now_on:
            counted[ToggleOutcome.TURN_ON if now_on else ToggleOutcome.TURN_OFF] += 1
        else:
            counted["same"] += 1
    return counted


QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(drawn=house, chosen=change)
def test_the_effect_shown_before_is_what_happens(small, drawn, chosen):
    """UX-06: for every unit and every wish, exactly those turn on and off who were counted and listed."""
    with furnished(small, drawn):
        unit = unit_of(small, chosen[0])
        wish = toggle.tidy_setting(unit, chosen[1])
        snapshot = OrganizationSnapshot.read(small[0])
        before, shown = one_by_one(snapshot), toggle.preview_change(unit, wish, snapshot)
        level, word = toggle.level_of_unit(unit), toggle.setting_word(wish)
        listed = {outcome: ids(snapshot, unit, UserChoice(level=level, wish=word, outcome=outcome))
                  for outcome in ToggleOutcome}
        toggle.write_setting(None, unit, wish)
        compare(before, one_by_one(OrganizationSnapshot.read(small[0])), shown, listed)


def compare(before, after, shown, listed):
    """What was counted and listed before against everybody's state before and after."""
    assert {outcome: shown.counts[outcome] for outcome in ToggleOutcome} == {
        outcome: len(users) for outcome, users in listed.items()}
    concerned = {one for users in listed.values() for one in users}
    really = difference(before, after, concerned)
    for outcome in (ToggleOutcome.TURN_ON, ToggleOutcome.TURN_OFF, ToggleOutcome.NOT_AVAILABLE):
        assert shown.counts[outcome] == really[outcome]
        assert all(difference(before, after, [one])[outcome] for one in listed[outcome])
    assert shown.counts[ToggleOutcome.OWN_WORD] + shown.counts[ToggleOutcome.UNCHANGED] == really["same"]
    assert shown.idle == sum(after[one][1] and not before[one][2] for one in concerned)
    others = before.keys() - concerned
    assert all(before[one] == after[one] for one in others), "nobody else is touched"


def ids(snapshot, unit, choice):
    """The users whom the list shows for a choice among those whom a unit's word concerns."""
    where = [*choice.conditions(snapshot), toggle.users_under_unit(unit)]
    return {row.user.id for row in user_list.list_user_rows(snapshot, where).rows}


@QUICK
@given(drawn=house)
def test_counting_by_groups_is_counting_one_by_one(small, drawn):
    """Counts, lists and the state of a single user never disagree."""
    with furnished(small, drawn):
        snapshot = OrganizationSnapshot.read(small[0])
        alone, counts = one_by_one(snapshot), snapshot.counts()
        assert counts == Counter(state for state, _on, _eligible in alone.values())
        for state in UserState:
            where = UserChoice(texting=state).conditions(snapshot)
            assert {row.user.id for row in user_list.list_user_rows(snapshot, where).rows} == {
                user for user, (held, _on, _eligible) in alone.items() if held is state}
            assert user_list.count_users(snapshot, where) == counts[state]
