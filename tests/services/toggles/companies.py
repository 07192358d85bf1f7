"""A small organization whose administrator changes many users while other people change what they like."""

import itertools
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import select

from portal import extensions
from portal.extensions import db, writing
from portal.models import AccountState, AuditEvent, Location, Organization, Setting, User
from portal.rules.facts import Campaign, Cause, Pstn, Restraint, Subject
from portal.rules.numbers import NumberKind
from portal.rules.switches import Level, SettingValue
from portal.services import audit, imports
from portal.services.names import key_of_name
from portal.services.people import numbers, users
from portal.services.refusals import Clash
from portal.services.spam import restrictions
from portal.services.spam.restrictions import RestrictionScope, RestrictionTerms
from portal.services.toggles import toggle
from portal.services.toggles.eligibility import OrganizationSnapshot
from tests.data.files import EMAIL, user_csv
from tests.data.imported import import_all

from .houses import found_small, furnish, one_by_one

numbered = itertools.count()
NAMES = ("User", "user 3", "Zoé")
SAID = (True, False, None)
HEALTHY = {"account": AccountState.ACTIVE, "app": "43.1", "number": NumberKind.PLAIN, "source": None, "claimed": False,
           "restraint": None}


def calm_down(drawn, chance):
    """Most of the time nothing is locked and most people can text: both are in the way of everything else."""
    if chance.random() < 0.7:
        drawn = {**drawn, "add_on": True, "campaign": Campaign.ACTIVE, "pstn": [Pstn.PROVIDER, drawn["pstn"][1]],
                 "words": [SettingValue(one.on) for one in drawn["words"]]}
    return {**drawn, "people": [one if chance.random() < 0.3 else {**one, **HEALTHY} for one in drawn["people"]]}


def draw_doing(chance):
    """What another person does: mostly they change the setting of a single user."""
    who = chance.randrange(5)
    place = chance.randrange(2)
    others = (("sign in", who), ("move", who, place), ("rename", who, chance.choice(NAMES)), ("account", who), ("add",),
              ("number", who), ("restrict", who), ("role", chance.random() < 0.3), ("hour",),
              ("import", who, place, chance.choice(("ON", "OFF", ""))),
              ("connection", place, chance.choice((Pstn.PROVIDER, Pstn.LOCAL_GATEWAY))),
              ("add on", chance.random() < 0.3),
              ("unit", chance.randint(-1, 1), SettingValue(chance.choice((True, False)), chance.random() < 0.5)))
    return chance.choice((("setting", who, chance.choice(SAID)), chance.choice(others)))


def draw_others(chance, moments, most):
    """What other people do, each thing at one of these moments."""
    return [(chance.choice(moments), draw_doing(chance)) for _ in range(chance.randint(0, most))]


class Company:
    """A small organization with an administrator, Boss, and the command line as everybody else."""

    def __init__(self, drawn, clock):
        self.clock = clock
        self.name = f"small{next(numbered)}"
        self.ids = found_small(self.name)
        with writing() as session:
            furnish(session, self.ids, drawn)
        with writing():
            boss, *_others, deputy = self.people()
            for one in (boss, deputy):
                one.admin, one.account = True, AccountState.ACTIVE
            self.boss_id, self.deputy_id = boss.id, deputy.id

    def people(self):
        return db.session.scalars(select(User).where(User.organization_id == self.ids[0]).order_by(User.id)).all()

    def boss(self):
        return db.session.get_one(User, self.boss_id)

    def settings(self):
        """Everybody's own setting and its version."""
        found = db.session.execute(select(Setting.unit_id, Setting.on, Setting.version).where(
            Setting.level == Level.USER, Setting.organization_id == self.ids[0]))
        return {one: (on, version) for one, on, version in found}

    def events(self, since=0):
        """(event id, user id, whether by Boss, setting before, setting after) of each texting event of a user."""
        ids = {one.ref: one.id for one in self.people()}
        found = db.session.scalars(select(AuditEvent).where(
            AuditEvent.organization_id == self.ids[0], AuditEvent.action == "texting", AuditEvent.id > since,
            AuditEvent.subject == "user", AuditEvent.subject_ref != "").order_by(AuditEvent.id))
        return [(one.id, ids[one.subject_ref], one.actor_id == self.boss_id, one.details["was"], one.details["now"])
                for one in found]

    def standings(self):
        db.session.rollback()
        return one_by_one(OrganizationSnapshot.read(self.ids[0]))

    def list_locked_users(self):
        """The ids of the users whose setting is locked further up."""
        snapshot = OrganizationSnapshot.read(self.ids[0])
        return [one.id for one in self.people() if toggle.lock_over_unit(one, snapshot)]

    def do(self, what, *given):
        """Something that another person does, or the hour."""
        db.session.rollback()
        if what == "import":
            self._import(*given)
            return
        with suppress(Clash), writing() as session:
            getattr(self, f"_{what.replace(' ', '_')}")(session, *given)

    def _setting(self, _session, who, on):
        toggle.write_setting(None, self.people()[who], SettingValue(on))

    def unit(self, which):
        """The organization, or a location by its number."""
        kind, unit_id = (Organization, self.ids[0]) if which < 0 else (Location, self.ids[1][which])
        return db.session.get_one(kind, unit_id)

    def _unit(self, _session, which, value):
        toggle.write_setting(None, self.unit(which), value)

    def _import(self, who, place, word):
        """The other administrator imports a file in which somebody moves and gets a setting."""
        deputy, person = db.session.get_one(User, self.deputy_id), self.people()[who]
        row = {EMAIL: person.email, "Display Name": person.name, "Location": ("one", "two")[place], "Texting": word}
        terms = imports.ImportTerms(self.ids[0], True, False, ("en",), {"America/Toronto"})
        with suppress(imports.OtherWork):
            import_all(deputy, imports.store_upload(deputy, terms, "users.csv", user_csv(row)))

    def _hour(self, _session):
        self.clock.forward(days=3)

    def _connection(self, _session, which, pstn):
        place = self.unit(which)
        place.pstn = pstn
        audit.record_event(None, "location-changed", place, changes=[])

    def _add_on(self, _session, on):
        organization = self.unit(-1)
        organization.add_on = on
        audit.record_event(None, "organization-changed", organization, changes=[])

    def _sign_in(self, _session, who):
        audit.record_event(self.people()[who], "signed-in", self.people()[who])

    def _move(self, session, who, place):
        person = self.people()[who]
        users.change_details(None, person, person.name, person.email, session.get_one(Location, self.ids[1][place]))

    def _rename(self, session, who, name):
        person = self.people()[who]
        users.change_details(None, person, name or "Zoé", person.email, session.get_one(Location, person.location_id))

    def _account(self, _session, who):
        person = self.people()[who]
        (users.close_account if person.active else users.open_account)(None, person)

    def _add(self, session):
        address = f"new{next(numbered)}@{self.name}.example"
        person = User(organization_id=self.ids[0], location_id=self.ids[1][0], name="User new",
                      name_key=key_of_name("User new"), email=address, email_key=address)
        session.add(person)
        session.flush()
        audit.record_event(None, "user-added", person)

    def _number(self, _session, who):
        person = self.people()[who]
        if numbers.held_number(person):
            numbers.take_primary_number(None, person)

    def _restrict(self, _session, who):
        terms = RestrictionTerms(Restraint.BLOCK, Cause.SPAM, "", extensions.now() + timedelta(days=1))
        whom = RestrictionScope(Subject.USER, self.ids[0], self.people()[who].id)
        restrictions.add_restriction(None, terms, whom, extensions.now())

    def _role(self, session, admin):
        person = session.get_one(User, self.boss_id)
        person.admin = admin
        audit.record_event(None, "role-changed", person, changes=[])
