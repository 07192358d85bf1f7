"""Who can text is read once for an organization, counted by groups, and the same as asking about each user."""

import dataclasses
from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from sqlalchemy import false, select, true, update
from sqlalchemy.exc import NoResultFound

from portal.extensions import db, writing
from portal.models import AccountState, Acknowledgement, Claim, Location, Number, Organization, User
from portal.rules import UserState
from portal.rules.facts import BrandCap, NumberSource, Pstn, QuietRule, Registration, Restraint, Subject
from portal.rules.numbers import NumberKind
from portal.rules.switches import Level
from portal.services.toggles import eligibility, profiles, toggle
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.groups import UserGroup
from portal.services.toggles.profiles import UserProfile
from portal.services.toggles.toggle import SettingValue

from .houses import QUICK, furnished, house, one_by_one

pytestmark = pytest.mark.usefixtures("open_app")
ON, OFF = SettingValue(True), SettingValue(False)


@pytest.fixture
def read(organizations):
    """`read("Harbor")` is the snapshot of an organization as it is now."""

    def of(name="Maple"):
        db.session.rollback()
        return OrganizationSnapshot.read(organizations[name].id)

    return of


def write(actor, unit, setting):
    with writing():
        toggle.write_setting(actor, unit, setting)


# --- restrictions in force -----------------------------------------------------------------------


def test_restrictions_count_for_their_sender_alone(people, read, restrict):
    restrict(user_id=people["Uli"].id)
    restrict(Subject.ORGANIZATION, restraint=Restraint.THROTTLE, per_minute=3)
    maple = read()
    assert [one.subject for one in maple.restrictions_on(people["Uli"].id)] == [Subject.ORGANIZATION, Subject.USER]
    assert [(one.subject, one.per_minute) for one in maple.restrictions_on(people["Ben"].id)] == [
        (Subject.ORGANIZATION, 3)]
    assert maple.restricted == [people["Uli"].id]
    assert read("Harbor").restrictions == {}, "nobody else's"


def test_the_restriction_of_a_number_is_on_the_user_who_has_it(people, read, restrict):
    number = db.session.scalars(select(Number).where(Number.user_id == people["Uli"].id)).one()
    restrict(Subject.NUMBER, number_id=number.id)
    assert read().restricted == [people["Uli"].id]
    with writing() as session:
        session.execute(update(Number).where(Number.user_id == people["Uli"].id).values(user_id=None))
    assert read().restrictions == {}, "while nobody has it, it is on nobody"


@pytest.mark.parametrize(("maker", "by_reports"), [("Olga", False), (None, True)])
def test_a_restriction_without_a_maker_was_made_by_reports(people, read, restrict, maker, by_reports):
    restrict(user_id=people["Uli"].id, made_by_id=people[maker].id if maker else None)
    (found,) = read().restrictions_on(people["Uli"].id)
    assert found.by_reports is by_reports


# --- profiles ------------------------------------------------------------------------------------


def test_the_profile_of_a_user_with_a_number(row, locations):
    write(row("Ada"), row("Uli"), OFF)
    assert eligibility.profile_of_user(row("Uli")) == UserProfile(
        locations["Toronto"].id, AccountState.ACTIVE, "43.2", NumberKind.PLAIN, None, own_setting=False, claimed=False)


def test_the_profile_of_a_user_who_claims_one(row, organizations):
    with writing() as session:
        session.add(Claim(organization_id=organizations["Maple"].id, user_id=row("Rita").id, e164="+14165550177",
                          kind=NumberKind.TOLL_FREE, source=NumberSource.OTHER))
    found = eligibility.profile_of_user(row("Rita"))
    assert (found.kind, found.source, found.own_setting, found.claimed) == (
        NumberKind.TOLL_FREE, NumberSource.OTHER, None, True)


def test_an_imagined_user_has_nothing_of_their_own(locations, read):
    halifax = db.session.get_one(Location, locations["Halifax"].id)
    profile = eligibility.profile_at_location(halifax)
    assert profile == UserProfile(halifax.id, AccountState.ACTIVE, "", None, None, None)
    assert "location-pstn" in {reason.id for reason in read().standing(profile).use.blocking}


def test_the_columns_of_a_profile_come_apart_again(people):
    """Whatever else was selected before stays with the rest."""
    found = profiles.add_profile_columns(select().select_from(User).where(User.id == people["Ben"].id))
    profile, rest = profiles.split_profile(db.session.execute(found.add_columns(User.name, User.ref)).one())
    assert profile == eligibility.profile_of_user(db.session.get_one(User, people["Ben"].id))
    assert tuple(rest) == ("Ben Okafor", people["Ben"].ref)


# --- the snapshot --------------------------------------------------------------------------------


def test_a_snapshot_is_three_statements_however_many_users_there_are(organizations, people, restrict, statements):
    asked = []
    for many in (0, 60):
        with writing() as session:
            session.add_all(User(organization_id=organizations["Maple"].id, name=f"N {n}", name_key=f"n {n}",
                                 email=f"{n}@example.com", email_key=f"{n}@example.com") for n in range(many))
        restrict(user_id=people["Ben"].id)
        db.session.rollback()
        with statements() as seen:
            OrganizationSnapshot.read(organizations["Maple"].id)
        asked.append(len(seen))
    assert asked == [3, 3]


def test_a_snapshot_holds_nothing_of_another_organization(row, read, restrict, people, locations, organizations):
    write(row("Otto"), row("Otto").location, OFF)
    restrict(organization="Harbor", user_id=people["Mia"].id)
    maple, harbor = read(), read("Harbor")
    assert [place.name for place in maple.places()] == ["Halifax", "Toronto"]
    assert [place.name for place in harbor.places()] == ["Seattle"]
    assert list(maple.units.settings) == [(Level.ORGANIZATION, organizations["Maple"].id)]
    assert list(harbor.units.settings) == [(Level.LOCATION, locations["Seattle"].id)]
    assert (maple.units.hipaa, harbor.units.hipaa) == (True, False)
    assert (maple.restricted, harbor.restricted) == ([], [people["Mia"].id])
    for one, other in ((maple, "Mia"), (harbor, "Uli")):
        assert not db.session.execute(one.members([User.id == people[other].id]).add_columns(User.id)).all()


def test_there_is_no_snapshot_of_nothing():
    with pytest.raises(NoResultFound):
        OrganizationSnapshot.read(0)


def test_the_settings_of_a_profile_by_level(row, read):
    """A setting that was taken back says nothing, and neither does that of another location."""
    def said():
        found = read().settings_of(eligibility.profile_of_user(row("Uli")))
        return {level: (value.on, value.locked) for level, value in found.items() if value.on is not None}

    ada, toronto = row("Ada"), row("Ada").location
    halifax = db.session.scalars(select(Location).where(Location.name == "Halifax")).one()
    write(ada, halifax, OFF)
    assert said() == {Level.ORGANIZATION: (True, False)}
    write(ada, toronto, SettingValue(False, locked=True))
    write(ada, row("Uli"), ON)
    assert said() == {Level.ORGANIZATION: (True, False), Level.LOCATION: (False, True), Level.USER: (True, False)}
    write(ada, toronto, SettingValue(None))
    assert said().keys() == {Level.ORGANIZATION, Level.USER}


@pytest.mark.parametrize(("location", "locked", "own", "on", "level"), [
    (None, False, None, True, Level.ORGANIZATION), (False, False, None, False, Level.LOCATION),
    (False, False, True, True, Level.USER), (False, True, True, False, Level.LOCATION),
    (None, False, False, False, Level.USER),
])
def test_the_narrowest_setting_decides_unless_a_broader_one_is_locked(row, read, location, locked, own, on, level):
    write(row("Ada"), row("Uli").location, SettingValue(location, locked))
    write(row("Ada"), row("Uli"), SettingValue(own))
    found = read().effective(eligibility.profile_of_user(row("Uli")))
    assert (found.on, found.level) == (on, level)


@pytest.mark.parametrize(("source", "pstn"), list(product((None, *NumberSource), Pstn)))
def test_a_number_comes_from_the_plan_as_marked_or_else_as_its_location_is_connected(row, read, source, pstn):
    with writing() as session:
        session.execute(update(Location).where(Location.name == "Toronto").values(pstn=pstn))
        session.execute(update(Number).where(Number.user_id == row("Uli").id).values(source=source))
    number = read().facts_of(eligibility.profile_of_user(row("Uli"))).number
    assert number.from_plan is (source is NumberSource.CALLING_PLAN or (source is None and pstn is Pstn.PROVIDER))


@pytest.mark.parametrize("account", list(AccountState))
def test_the_facts_about_one_user(row, read, people, account):
    with writing():
        row("Uli").account = account
    profile = eligibility.profile_of_user(row("Uli"))
    facts = read().facts_of(profile, people["Uli"].id, "+14165550101")
    assert (facts.user.active, facts.user.app_version) == (account is not AccountState.DEACTIVATED, "43.2")
    assert (facts.number.e164, facts.number.kind, facts.number.confirmed) == ("+14165550101", NumberKind.PLAIN, True)
    assert (facts.location.name, facts.location.country, facts.location.pstn) == ("Toronto", "CA", Pstn.PROVIDER)
    assert (facts.setting.on, facts.restrictions) == (True, ())
    assert read().facts_of(profile._replace(claimed=True)).number.confirmed is False


def test_the_facts_about_an_organization_are_what_the_provider_and_its_admins_set(read):
    with writing() as session:
        session.execute(update(Organization).where(Organization.name == "Maple Clinic").values(
            brand_tier=10000, same_text_most=7, add_on=False))
    facts = read().organization_facts()
    assert (facts.brand_tier, facts.same_text_most, facts.add_on, facts.healthcare, facts.hipaa_acknowledged) == (
        10000, 7, False, True, True)


@pytest.mark.parametrize(("given", "field", "value"), [
    ({"territories": frozenset({"GU"})}, "territories", frozenset({"GU"})),
    ({"app_version_rule": "warn"}, "app_version_blocks", False),
    ({"app_version_rule": "block"}, "app_version_blocks", True),
    *(({"brand_cap_rule": cap.value}, "brand_cap", cap) for cap in BrandCap),
])
def test_the_policy_is_what_the_environment_says(app, monkeypatch, read, given, field, value):
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], **given))
    assert getattr(eligibility.read_policy(), field) == value
    assert getattr(read().policy, field) == value


@pytest.mark.parametrize(("usual", "chosen", "country", "effective"), [
    ("all", None, "CA", Registration.US_RECIPIENTS), ("all", None, "US", Registration.ALL),
    ("none", None, "CA", Registration.NONE), ("none", Registration.ALL, "CA", Registration.ALL),
    ("all", Registration.NONE, "US", Registration.NONE),
])
def test_which_texts_need_a_campaign_is_chosen_for_an_organization_or_follows(app, monkeypatch, read, usual, chosen,
                                                                            country, effective):
    """Maple Clinic's other location is in Canada, so one in the US makes it an organization of both."""
    with writing() as session:
        session.execute(update(Organization).values(registration=chosen))
        session.execute(update(Location).where(Location.name == "Toronto").values(country=country))
    monkeypatch.setitem(app.config, "SETTINGS",
                        dataclasses.replace(app.config["SETTINGS"], registration_required=usual))
    assert read().organization_facts().registration is effective


@pytest.mark.parametrize(("usual", "chosen", "effective"), [
    ("warn", None, QuietRule.WARN), ("hold", None, QuietRule.HOLD), ("hold", QuietRule.WARN, QuietRule.WARN),
])
def test_what_quiet_hours_do_is_chosen_for_an_organization_or_follows(app, monkeypatch, read, usual, chosen, effective):
    with writing() as session:
        session.execute(update(Organization).values(quiet_rule=chosen))
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], quiet_hours_rule=usual))
    assert read().organization_facts().quiet_rule is effective


# --- one user and many -----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "state", "why"), [
    ("Uli", UserState.CAN_TEXT, None), ("Ada", UserState.NOT_AVAILABLE, "primary-number"),
    ("Mia", UserState.OFF, "texting-off"),
])
def test_the_standing_of_a_user_and_why(row, name, state, why):
    found = eligibility.standing_of_user(row(name))
    assert found.state is state
    assert [reason.id for reason in found.use.blocking] == ([why] if why else [])


def test_the_standing_of_a_user_costs_one_statement_beyond_the_snapshot(row, read, statements):
    uli, maple = row("Uli"), read()
    assert uli.id
    with statements() as seen:
        given = eligibility.standing_of_user(uli, maple)
    assert len(seen) == 1
    assert given == eligibility.standing_of_user(uli)


def test_a_snapshot_asks_the_rules_once_for_a_profile(row, read, restrict, people):
    restrict(user_id=people["Ben"].id)
    maple = read()
    profile = eligibility.profile_of_user(row("Uli"))
    assert maple.standing(profile, people["Uli"].id) is maple.standing(profile)
    assert maple.standing(profile).state is UserState.CAN_TEXT
    assert maple.standing(profile, people["Ben"].id).state is UserState.RECEIVE_ONLY, "their restriction is their own"


def test_users_are_grouped_by_profile_and_each_restricted_one_stands_alone(people, read, restrict):
    assert Counter(many for _profile, _user, many, _place_ids in read().groups()) == {2: 2}
    restrict(user_id=people["Ben"].id)
    groups = read().groups()
    assert [(user, many) for _profile, user, many, _place_ids in groups if user] == [(people["Ben"].id, 1)]
    assert sum(many for _profile, _user, many, _place_ids in groups) == 4
    uli, = read().groups([User.id == people["Uli"].id])
    profile = eligibility.profile_of_user(db.session.get_one(User, people["Uli"].id))
    assert (uli.profile, uli.user_id, uli.many, uli.places) == (profile, None, 1, [profile.location_id])
    assert read().groups([false()]) == []


def test_a_member_works_at_a_location(row, read):
    """An operator or the first account of all may belong to an organization and to no location: they are no user."""
    with writing():
        row("Ben").location_id = None
    assert {name for (name,) in db.session.execute(read().members().add_columns(User.name))} == {
        "Ada Keller", "Uli Brandt", "Rita Sandoval"}
    assert sum(read().counts().values()) == 3


def test_counting_takes_one_statement_however_many_users_there_are(read, statements):
    maple = read()
    with statements() as seen:
        counts = maple.counts()
    assert counts == {UserState.CAN_TEXT: 2, UserState.NOT_AVAILABLE: 2}
    assert len(seen) == 1


@QUICK
@given(drawn=house)
def test_counting_by_groups_is_counting_one_by_one(small, drawn):
    """The counts and the state of a single user never disagree."""
    with furnished(small, drawn):
        maple = OrganizationSnapshot.read(small[0])
        assert maple.counts() == Counter(state for state, _on, _eligible in one_by_one(maple).values())
        assert sum(many for _profile, _user, many, _place_ids in maple.groups()) == len(drawn["people"])


@pytest.mark.parametrize("where", [[], [true()]])
def test_no_group_selects_nobody(read, where):
    maple = read()
    found = profiles.add_profile_columns(maple.members([*where, eligibility.users_in_groups(maple, [])]))
    assert db.session.execute(found.add_columns(User.id)).all() == []


def test_a_group_selects_nobody_of_another_organization(row, read):
    """The profile of Mia, asked for at Maple Clinic."""
    maple = read()
    mia = UserGroup(eligibility.profile_of_user(row("Mia")), None, 1, f"{row('Mia').location_id}:1")
    inside = eligibility.users_in_groups(maple, [mia, mia._replace(user_id=row("Mia").id)])
    assert db.session.execute(
        profiles.add_profile_columns(maple.members([inside])).add_columns(User.id)).all() == []


def test_only_what_an_administrator_confirmed_counts_for_the_organization(read):
    assert read().units.hipaa is True
    with writing() as session:
        session.execute(update(Acknowledgement).values(as_admin=False))
    assert read().units.hipaa is False


def test_what_the_levels_above_give_and_what_is_stored_for_a_location(read, locations):
    snapshot = read()
    toronto = locations["Toronto"].id
    assert snapshot.setting_of_location(toronto) is None
    profile = UserProfile(toronto, AccountState.ACTIVE, "", None, None, False)
    assert snapshot.broader_setting(profile, Level.USER).on
    assert snapshot.broader_setting(profile, Level.ORGANIZATION).level is None


def test_a_snapshot_says_the_same_whatever_is_changed_and_committed_later(row, read, locations):
    """Also where the same facts are remembered: what it says next is not kept for those who read anew."""
    profile = eligibility.profile_of_user(row("Uli"))
    before = read()
    toggle.change_setting(row("Ada"), row("Ada").organization, OFF, 1)
    with writing() as session:
        session.execute(update(Organization).values(name="Elsewhere"))
        session.execute(update(Location).values(name="Nowhere", pstn=Pstn.NOT_SET))
    after = read()
    for snapshot, name, state, on in ((before, "Maple Clinic", UserState.CAN_TEXT, True),
                                      (after, "Elsewhere", UserState.NOT_AVAILABLE, False)):
        assert snapshot.organization.name == name
        assert snapshot.effective(profile).on is on
        assert snapshot.standing(profile).state is state
        assert toggle.setting_in_snapshot(snapshot, row("Ada").organization).value.on is on
