"""What happens in the demo, in order, through the services that people use."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from portal.extensions import db, now, writing
from portal.models import AccountState, Location, Number, Organization, User
from portal.rules import addresses
from portal.rules.facts import Cause, NumberSource, Restraint, Subject
from portal.services import audit
from portal.services.names import key_of_name
from portal.services.people import locations, notices, numbers, organizations, users
from portal.services.spam import appeals, restrictions
from portal.services.spam.restrictions import RestrictionScope, RestrictionTerms
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingValue, Unit

from . import letters, montreal, paperwork, reports
from .cast import (
    BOOKS,
    BOSTON,
    HALIFAX,
    HARBOR,
    MAPLE,
    OPERATORS,
    TORONTO,
    DemoLocation,
    DemoOrganization,
    DemoPerson,
)
from .diary import Diary


def tell_story(diary: Diary, password_hash: str) -> None:
    """Fill an empty portal. Everybody who has chosen a password has the one with this hash."""
    diary.turn_to(61)
    operators = [_operator(one, password_hash) for one in OPERATORS]
    diary.turn_to(40)
    _maple(diary, operators[0], password_hash)
    diary.turn_to(6)
    _settle(operators[1], HARBOR, password_hash)
    diary.turn_to(4)
    books, tess = _settle(operators[1], BOOKS, password_hash)
    _say(tess, books, SettingValue(on=True))


def _set_answers(admin: User, site: DemoLocation) -> None:
    place = next(place for place in locations.locations_of_actor(admin) if place.name == site.name)
    locations.save_location_answers(admin, place, place.version, site.language, site.hours)


def _operator(one: DemoPerson, password_hash: str) -> User:
    with writing() as session:
        user = User(name=one.name, name_key=key_of_name(one.name), operator=True, account=AccountState.ACTIVE,
                    email=one.address, email_key=addresses.key_of_address(one.address), password_hash=password_hash)
        session.add(user)
        session.flush()
        audit.record_event(None, "user-added", user)
    return user


def _settle(actor: User, company: DemoOrganization, password_hash: str) -> tuple[Organization, User]:
    """An organization with its locations and its users, each with a number if they have one."""
    first = company.sites[0]
    place = {"name": first.name, "country": first.country, "time_zone": first.time_zone, "pstn": first.pstn}
    organization, admin, _link = organizations.create_organization(
        actor, {"name": company.name, **company.facts}, place, (company.admin.name, company.admin.address))
    for site in company.sites[1:]:
        locations.create_location(actor, organization, site.name, site.country, site.time_zone, site.pstn,
                                  site.language)
    for number in _brought(company):
        numbers.add_organization_number(actor, organization, number)
    with writing():
        _complete(admin, admin, company.admin, password_hash)
        audit.record_event(admin, "password-chosen", admin)
        _move_in(admin, company, password_hash)
    for site in company.sites:
        if site.hours.as_line():
            _set_answers(admin, site)
    return organization, admin


def _brought(company: DemoOrganization) -> Iterator[str]:
    """The numbers that the provider gives to a company: those of its people, and some more."""
    people_there = (company.admin, *(one for _site, one in _workers(company)))
    yield from (one.number for one in people_there if one.number and not one.claimed)
    yield from company.free_numbers


def _move_in(admin: User, company: DemoOrganization, password_hash: str) -> None:
    places = {place.name: place for place in locations.locations_of_actor(admin)}
    for site, one in _workers(company):
        user = users.build_user(one.name, one.address, places[site])
        db.session.add(user)
        db.session.flush()
        audit.record_event(admin, "user-added", user)
        _complete(admin, user, one, password_hash)


def _workers(company: DemoOrganization) -> Iterator[tuple[str, DemoPerson]]:
    for site in company.sites:
        for one in site.people:
            yield site.name, one


def _complete(admin: User, user: User, one: DemoPerson, password_hash: str) -> None:
    """What a person has besides name and address; inside an open write transaction."""
    user.app_version, user.auditor = one.app, one.auditor
    if not one.invited:
        user.account, user.password_hash = AccountState.ACTIVE, password_hash
    if one.number:
        place = db.session.get_one(Location, user.location_id)
        numbers.give_primary_number(admin, user, numbers.read_primary_number(one.number, place))


def _say(actor: User, unit: Unit, wish: SettingValue) -> None:
    """A word, spoken as on the page; the demo may say nothing that its rules forbid."""
    answer = toggle.change_setting(actor, unit, wish, toggle.current_setting(unit).version)
    if not answer.allowed:
        raise RuntimeError([reason.id for reason in answer.decision.blocking])


def _maple(diary: Diary, olga: User, password_hash: str) -> None:
    """Maple Clinic has used texting for a month, and things have happened."""
    maple, ada = _settle(olga, MAPLE, password_hash)
    diary.turn_to(33)
    notices.store_confirmation(ada, notices.HIPAA, notices.HIPAA.version)
    _say(ada, maple, SettingValue(on=True))
    diary.turn_to(24)
    for one in (*TORONTO, *BOSTON, *HALIFAX):
        if one.own is not None:
            _say(ada, _user(one), SettingValue(one.own))
    diary.turn_to(17)
    _say(ada, _site(maple, "Boston"), SettingValue(on=False))
    locked = SettingValue(on=False, locked=True, reason="The local gateway carries no texts.")
    _say(ada, _site(maple, "Halifax"), locked)
    _month(diary, ada, olga, maple)


def _month(diary: Diary, ada: User, olga: User, maple: Organization) -> None:
    diary.turn_to(9)
    numbers.set_number_sources(olga, maple, ["+14165550175"], NumberSource.OTHER)
    paperwork.leave_with_stand_in(ada, _named("Frank Doyle"), _named("Ben Okafor"), diary)
    users.deactivate_user(ada, _named("Karen Walsh"))
    letters.write_conversations(now())
    montreal.write_in_montreal(_named("Chloe Gagnon"), now())
    diary.turn_to(5)
    paperwork.date_numbers(olga, maple, now())
    diary.turn_to(3)
    numbers.remove_primary_number(ada, _named("Henry Osei"), "+14165550174")
    paperwork.bring_optouts(ada, maple, diary)
    _restrict(olga, maple)
    diary.turn_to(2)
    slowed = reports.write_decided_case(olga, _named("Grace Kim"), now())
    paperwork.keep_records(ada, _named("Rita Sandoval"), diary)
    diary.turn_to(1)
    paperwork.upload_inventory(olga)
    paperwork.ask_on_the_web(maple, now())
    appeals.file_appeal(_named("Grace Kim"), slowed, reports.APPEAL_TEXT)
    _say(ada, _site(maple, "Toronto"), SettingValue(on=True))
    _rename(ada, _named("Priya Nair"), "Priya Nair-Shah")


def _restrict(olga: User, maple: Organization) -> None:
    """One user is slowed after a burst, another one's number is blocked."""
    user, number = _named("Zoé Lefèvre").id, _number("+14165550171").id
    burst = RestrictionTerms(Restraint.THROTTLE, Cause.BURST, "200 texts within ten minutes. Spread them over the day.",
                             now() + timedelta(days=4), 6)
    spam = RestrictionTerms(Restraint.BLOCK, Cause.SPAM, "A carrier has seen advertising from this number.",
                            now() + timedelta(days=11))
    with writing():
        restrictions.add_restriction(olga, burst, RestrictionScope(Subject.USER, maple.id, user_id=user), now())
        restrictions.add_restriction(olga, spam, RestrictionScope(Subject.NUMBER, maple.id, number_id=number), now())


def _rename(ada: User, user: User, name: str) -> None:
    place = db.session.get_one(Location, user.location_id)
    users.save_user_details(ada, user, user.version, name, user.email, place)


def _user(one: DemoPerson) -> User:
    return db.session.scalars(select(User).where(User.email_key == addresses.key_of_address(one.address))).one()


def _named(name: str) -> User:
    return db.session.scalars(select(User).where(User.name == name)).one()


def _site(organization: Organization, name: str) -> Location:
    return db.session.scalars(select(Location).where(
        Location.organization_id == organization.id, Location.name == name)).one()


def _number(e164: str) -> Number:
    return db.session.scalars(select(Number).where(Number.e164 == e164)).one()
