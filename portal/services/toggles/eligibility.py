"""Who can text, and why not: facts from the tables, grouped so that the rules run once per group.

Users of an organization fall into few distinct profiles. Counts, filters and previews group users by
these columns in SQL and ask the rules once for each profile: no rule is copied into SQL, no answer kept.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, String, and_, bindparam, false, func, not_, or_, select, tuple_

from portal.extensions import current_settings, db, now
from portal.models import AccountState, Claim, Location, Number, Organization, Restriction, Setting, User
from portal.rules import Facts, Standing, UserState, facts, standing_from_facts
from portal.rules.facts import BrandCap, NumberSource, Pstn, QuietRule, Registration, Subject
from portal.rules.numbers import NumberKind
from portal.rules.registration import decide_registration
from portal.rules.switches import EffectiveSetting, Level, SettingValue, resolve_settings

from ..people.notices import hipaa_acknowledged
from ..people.number_days import current_day


def is_restriction_in_force(moment: Any) -> ColumnElement[bool]:
    """The condition for restrictions that count at a moment, or at the moment that a parameter will hold.

    Restrictions begin when they are made. One that seems to begin later was made before the clock was set back, so it
    counts.
    """
    return and_(Restriction.lifted_at.is_(None), or_(Restriction.until.is_(None), Restriction.until > moment))


class UserProfile(NamedTuple):
    """The facts about a user that the rules use, except restrictions on that user alone.

    `own_setting` is the setting of the user alone: True (on), False (off) or None (inherit). `claimed`: the kind and
    the source belong to a number that no operator has confirmed. `from_on` and `until_on` are the days between which
    the organization has the number, if they are set.
    """

    location_id: int | None
    account: AccountState
    app_version: str
    kind: NumberKind | None
    source: NumberSource | None
    own_setting: bool | None
    claimed: bool = False
    from_on: date | None = None
    until_on: date | None = None


OWN_SETTING = and_(Setting.level == Level.USER, Setting.unit_id == User.id)
# A user has a number or claims one, never both.
USER_NUMBER: ColumnElement[str | None] = func.coalesce(Number.e164, Claim.e164)
KIND: ColumnElement[NumberKind | None] = func.coalesce(Number.kind, Claim.kind)
SOURCE: ColumnElement[NumberSource | None] = func.coalesce(Number.source, Claim.source)
CLAIMED = Claim.id.is_not(None)
PROFILE_COLUMNS = (User.location_id, User.account, User.app_version, KIND, SOURCE, Setting.on, CLAIMED, Number.from_on,
                   Number.until_on)


def add_profile_columns(found: Select[Any]) -> Select[Any]:
    """The same selection of users, with the columns of `UserProfile` added at the end."""
    joined = found.outerjoin(Number, Number.user_id == User.id).outerjoin(Claim, Claim.user_id == User.id)
    return joined.outerjoin(Setting, OWN_SETTING).add_columns(*PROFILE_COLUMNS)


def split_profile(row: Sequence[Any]) -> tuple[UserProfile, Sequence[Any]]:
    """The profile at the start of a row selected with `add_profile_columns`, and the rest of the row."""
    return UserProfile(*row[:len(PROFILE_COLUMNS)]), row[len(PROFILE_COLUMNS):]


# Built once, because every request needs them: building a statement takes longer than running it.
_MINE: Any = bindparam("organization_id")
_MOMENT: Any = bindparam("moment")
_LOCATIONS = select(Location).where(Location.organization_id == _MINE)
_BROADER = select(Setting).where(Setting.organization_id == _MINE, Setting.level != Level.USER)
_HOLDER: ColumnElement[int | None] = func.coalesce(Restriction.user_id, Number.user_id)
_IN_FORCE = select(Restriction, _HOLDER).outerjoin(Number, Number.id == Restriction.number_id).where(
    Restriction.organization_id == _MINE, is_restriction_in_force(_MOMENT),
).order_by(Restriction.id)
_PROFILE = add_profile_columns(select().select_from(User).where(User.id
                                                                == bindparam("user_id"))).add_columns(USER_NUMBER)


def read_policy() -> facts.Policy:
    """The settings of the environment that change rules, in the form that the rules take."""
    settings = current_settings()
    return facts.Policy(
        territories=settings.territories,
        app_version_blocks=settings.app_version_rule == "block",
        brand_cap=BrandCap(settings.brand_cap_rule),
        route_crisis_line=settings.route_988,
    )


@dataclass
class OrganizationSnapshot:
    """All that the rules need about the users of one organization, read once and used for one request."""

    organization: Organization
    hipaa: bool
    locations: Mapping[int, Location]
    settings: Mapping[tuple[Level, int], Setting]
    restrictions: Mapping[int | None, tuple[facts.RestrictionFacts, ...]]
    policy: facts.Policy
    _standings: dict[UserProfile, Standing] = field(default_factory=dict)

    @classmethod
    def read(cls, organization_id: int) -> "OrganizationSnapshot":
        """Read the snapshot of an organization: five statements, however many users it has."""
        organization = db.session.get_one(Organization, organization_id)
        mine = {"organization_id": organization_id}
        locations, settings = db.session.scalars(_LOCATIONS, mine), db.session.scalars(_BROADER, mine)
        return cls(
            organization,
            hipaa_acknowledged(organization_id),
            {location.id: location for location in locations},
            {(one.level, one.unit_id): one for one in settings},
            _restrictions(organization_id),
            read_policy(),
        )

    def places(self) -> list[Location]:
        """The locations by name."""
        return sorted(self.locations.values(), key=lambda location: location.name_key)

    def settings_of(self, profile: UserProfile) -> dict[Level, SettingValue]:
        """The settings that apply to the users of a profile, by level."""
        broader = {Level.ORGANIZATION: (Level.ORGANIZATION, self.organization.id),
                   Level.LOCATION: (Level.LOCATION, profile.location_id or 0)}
        stored = {level: self.settings[at] for level, at in broader.items() if at in self.settings}
        values = {level: SettingValue(one.on, one.locked) for level, one in stored.items()}
        return {**values, Level.USER: SettingValue(profile.own_setting)}

    def effective(self, profile: UserProfile) -> EffectiveSetting:
        """Whether texting is on for the users of a profile, and which level decides."""
        return resolve_settings(self.settings_of(profile))

    def setting_of_location(self, location_id: int) -> Setting | None:
        """The setting that is stored for a location; None without one."""
        return self.settings.get((Level.LOCATION, location_id))

    def broader_setting(self, profile: UserProfile, level: Level) -> EffectiveSetting:
        """What the users of a profile get from the levels above this one alone."""
        broader = list(Level)[:list(Level).index(level)]
        return resolve_settings({at: value for at, value in self.settings_of(profile).items() if at in broader})

    def facts_of(self, profile: UserProfile, user_id: int | None = None, e164: str = "") -> Facts:
        """The facts about one user or all users of a profile; with `user_id`, that user's own restrictions too."""
        location = self.locations.get(profile.location_id or 0)
        from_plan = profile.source is NumberSource.CALLING_PLAN or (
            profile.source is None and location is not None and location.pstn is Pstn.PROVIDER)
        return Facts(
            organization=self.organization_facts(),
            location=facts.LocationFacts(location.name, location.country, location.pstn) if location else None,
            user=facts.UserFacts(profile.account is not AccountState.DEACTIVATED, profile.app_version),
            number=facts.NumberFacts(e164, profile.kind, from_plan, not profile.claimed, profile.from_on,
                                     profile.until_on, current_day(location.time_zone if location else "")),
            setting=self.effective(profile),
            restrictions=self.restrictions_on(user_id or 0),
            policy=self.policy,
        )

    def restrictions_on(self, user_id: int) -> tuple[facts.RestrictionFacts, ...]:
        """The restrictions in force on a user or on everybody."""
        return self.restrictions.get(None, ()) + self.restrictions.get(user_id, ())

    def organization_facts(self) -> facts.OrganizationFacts:
        """The facts about the organization alone."""
        mine, settings = self.organization, current_settings()
        return facts.OrganizationFacts(
            mine.customer_type, mine.calling_plan, mine.add_on, mine.healthcare, self.hipaa, mine.campaign,
            mine.brand_tier, mine.same_text_most,
            decide_registration(mine.registration, Registration(settings.registration_required),
                                {location.country for location in self.locations.values()}),
            mine.quiet_rule or QuietRule(settings.quiet_hours_rule), mine.keyword_blocks,
            mine.consent_required)

    def standing(self, profile: UserProfile, user_id: int | None = None, e164: str = "") -> Standing:
        """The standing of a user, or of all users of a profile who have no restriction of their own."""
        if e164 or (user_id is not None and user_id in self.restrictions):
            return standing_from_facts(self.facts_of(profile, user_id, e164))
        if profile not in self._standings:
            self._standings[profile] = standing_from_facts(self.facts_of(profile))
        return self._standings[profile]

    @property
    def restricted(self) -> list[int]:
        """The ids of users with a restriction of their own, or on their number."""
        return [user_id for user_id in self.restrictions if user_id is not None]

    def members(self, where: Iterable[ColumnElement[bool]] = ()) -> Select[Any]:
        """The organization's users who meet the conditions, as a selection still without columns."""
        mine = (User.organization_id == self.organization.id, User.location_id.is_not(None))
        return select().select_from(User).where(*mine, *where)

    def groups(self, where: Iterable[ColumnElement[bool]] = ()) -> list[tuple[UserProfile, int | None, int]]:
        """(profile, user id or None, how many): users grouped by profile. Each restricted user is a group of one."""
        alone = User.id.in_(self.restricted)
        plain = add_profile_columns(self.members((*where,
                                                  not_(alone)))).add_columns(func.count()).group_by(*PROFILE_COLUMNS)
        found: list[tuple[UserProfile, int | None, int]] = [
            (profile, None, rest[0]) for profile, rest in map(split_profile, db.session.execute(plain))]
        if self.restricted:
            each = add_profile_columns(self.members((*where, alone))).add_columns(User.id)
            found += [(profile, rest[0], 1) for profile, rest in map(split_profile, db.session.execute(each))]
        return found

    def counts(self, where: Iterable[ColumnElement[bool]] = ()) -> Counter[UserState]:
        """How many users are in each state."""
        counted: Counter[UserState] = Counter()
        for profile, user_id, many in self.groups(where):
            counted[self.standing(profile, user_id).state] += many
        return counted


def _restrictions(organization_id: int) -> dict[int | None, tuple[facts.RestrictionFacts, ...]]:
    """Restrictions in force by user id; under None those on the whole organization."""
    found = db.session.execute(_IN_FORCE, {"organization_id": organization_id, "moment": now()})
    by_user: dict[int | None, tuple[facts.RestrictionFacts, ...]] = {}
    for one, user_id in found:
        if user_id is None and one.subject is not Subject.ORGANIZATION:
            continue
        by_user[user_id] = (*by_user.get(user_id, ()),
                         facts.RestrictionFacts(one.subject, one.restraint, one.cause, one.until, one.per_minute,
                                            by_reports=one.made_by_id is None))
    return by_user


def users_in_groups(snapshot: OrganizationSnapshot,
                    groups: Iterable[tuple[UserProfile, int | None]]) -> ColumnElement[bool]:
    """The condition that selects the users of these groups, in a selection made with `add_profile_columns`."""
    listed = list(groups)
    alone = [user_id for _profile, user_id in listed if user_id is not None]
    profiles = [profile for profile, user_id in listed if user_id is None]
    if not listed:
        return false()
    # A restricted user is a group of one, so they do not belong to the group of their profile.
    return or_(User.id.in_(alone), and_(not_(User.id.in_(snapshot.restricted)), _in_profiles(profiles)))


def _in_profiles(profiles: list[UserProfile]) -> ColumnElement[bool]:
    # In SQL a row with a NULL equals nothing, so NULL is compared as a value that the column itself cannot hold.
    plain = (func.coalesce(KIND, "", type_=String), func.coalesce(SOURCE, "", type_=String),
             func.coalesce(Setting.on, 2, type_=Integer), func.coalesce(User.location_id, 0), CLAIMED,
             func.coalesce(Number.from_on, "", type_=String), func.coalesce(Number.until_on, "", type_=String))
    wanted = [(one.account.value, one.app_version, one.kind or "", one.source or "",
               2 if one.own_setting is None else int(one.own_setting), one.location_id or 0, one.claimed,
               *(day.isoformat() if day else "" for day in (one.from_on, one.until_on)))
              for one in profiles]
    return tuple_(User.account, User.app_version, *plain).in_(wanted)


def profile_of_user(user: User) -> UserProfile:
    """The profile of one user."""
    return _profile_and_number(user)[0]


def _profile_and_number(user: User) -> tuple[UserProfile, str]:
    profile, (e164,) = split_profile(db.session.execute(_PROFILE, {"user_id": user.id}).one())
    return profile, e164 or ""


def profile_at_location(location: Location) -> UserProfile:
    """The profile of an imagined user at a location: active, without a number or a setting of their own."""
    return UserProfile(location.id, AccountState.ACTIVE, "", None, None, None)


def standing_of_user(user: User, snapshot: OrganizationSnapshot | None = None) -> Standing:
    """Whether one user can text, with every reason why not."""
    snapshot = snapshot or OrganizationSnapshot.read(user.organization_id or 0)
    profile, e164 = _profile_and_number(user)
    return snapshot.standing(profile, user.id, e164)
