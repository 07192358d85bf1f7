"""One small organization whose settings, accounts, numbers and connections are drawn anew for every example."""

from contextlib import contextmanager, suppress
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from portal import extensions
from portal.extensions import db, writing
from portal.models import AccountState, AuditEvent, Claim, Location, Number, Organization, Restriction, Setting, User
from portal.rules import UserState
from portal.rules.facts import Campaign, Cause, NumberSource, Pstn, Restraint, Subject
from portal.rules.numbers import NumberKind
from portal.rules.switches import Level
from portal.services.names import key_of_name
from portal.services.toggles import eligibility
from portal.services.toggles.toggle import SettingValue

USERS = 5

said = st.sampled_from([None, True, False])
locked = st.builds(lambda on, lock: SettingValue(on, lock and on is not None), said, st.booleans())
person = st.fixed_dictionaries({
    "location": st.integers(0, 1), "account": st.sampled_from(AccountState),
    "app": st.sampled_from(["", "42.9", "43.1"]),
    "number": st.sampled_from([None, NumberKind.PLAIN, NumberKind.PLAIN, NumberKind.PLAIN, NumberKind.TOLL_FREE]),
    "source": st.sampled_from([None, None, NumberSource.OTHER, NumberSource.CALLING_PLAN]), "word": said,
    "claimed": st.sampled_from([False, False, True]),
    "restraint": st.sampled_from([None, None, None, Restraint.BLOCK, Restraint.THROTTLE]),
    # Whether it ends within the hour; and whether their number comes or leaves the day after tomorrow.
    "ends": st.booleans(), "day": st.sampled_from([None, None, None, "from_on", "until_on"]),
})
house = st.fixed_dictionaries({
    "people": st.lists(person, min_size=USERS, max_size=USERS),
    "pstn": st.lists(st.sampled_from([Pstn.PROVIDER, Pstn.PROVIDER, Pstn.LOCAL_GATEWAY]), min_size=2, max_size=2),
    "words": st.lists(locked, min_size=3, max_size=3), "add_on": st.sampled_from([True, True, True, False]),
    "campaign": st.sampled_from([Campaign.ACTIVE, Campaign.PENDING]),
})
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def found_small(name="small"):
    """Store the organization with two locations and five users; its id, those of its locations, and an event's."""
    with writing() as session:
        organization = Organization(name=name.title(), name_key=name, calling_plan=True)
        session.add(organization)
        session.flush()
        places = [Location(organization_id=organization.id, name=name, name_key=name, country="CA",
                           time_zone="America/Toronto") for name in ("one", "two")]
        session.add_all(places)
        session.flush()
        session.add_all(User(organization_id=organization.id, location_id=places[0].id, name=f"User {n}",
                             name_key=key_of_name(f"User {n}"), email=f"{n}@{name}.example",
                             email_key=f"{n}@{name}.example") for n in range(USERS))
        session.flush()
        event = AuditEvent(organization_id=organization.id, actor_name="Test", action="texting", subject="user",
                           subject_name="Test")
        session.add(event)
        session.flush()
        return organization.id, [place.id for place in places], event.id


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
    moment = extensions.now()
    soon = moment + timedelta(days=2)
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
            kind = Claim if one["claimed"] else Number
            days = {one["day"]: soon.date()} if one["day"] and kind is Number else {}
            session.add(kind(e164=f"+1437556{user_id:04}", kind=one["number"], source=one["source"],
                             user_id=user_id, **days, **mine))
        if one["restraint"]:
            session.add(Restriction(subject=Subject.USER, user_id=user_id, restraint=one["restraint"],
                                    cause=Cause.SPAM, until=moment + timedelta(hours=1) if one["ends"] else None,
                                    **mine))
    # A word that was taken back keeps its row: silence stands in the table in two ways.
    session.add_all(Setting(level=level, unit_id=unit, on=wish.on, locked=wish.locked, said_by="Test",
                            event_id=event_id,
                            **mine) for level, unit, wish in words if wish.on is not None or unit % 2)
    session.flush()


def one_by_one(snapshot):
    """Every user's (state, whether texting is on, whether everything else is in order), each asked alone."""
    found = {}
    for user in db.session.scalars(select(User).where(User.organization_id == snapshot.organization.id)):
        profile = eligibility.profile_of_user(user)
        held = eligibility.standing_of_user(user, snapshot)
        found[user.id] = held.state, snapshot.effective(profile).on, held.state is not UserState.NOT_AVAILABLE
    return found
