"""Who can text, and why not: facts from the tables, grouped so that the rules run once per group.

Users of an organization fall into few distinct profiles. Counts, filters and previews take them in groups and ask the
rules once for each group: no rule is copied into SQL. Facts are read anew for each request. What the rules say to
certain facts is remembered by all of these facts: the rules are pure, so it cannot become untrue.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, not_, or_, select

from portal.dialects import Unindexed
from portal.extensions import current_settings, db
from portal.models import AccountState, Location, User
from portal.rules import Facts, Standing, UserState, facts, standing_from_facts
from portal.rules.facts import BrandCap, NumberSource, Pstn, QuietRule, Registration
from portal.rules.registration import decide_registration
from portal.rules.switches import EffectiveSetting, Level, SettingValue, resolve_settings

from ..people.number_days import current_day
from .groups import (
    GroupCondition,
    Grouping,
    GroupKey,
    UserCondition,
    UserGroup,
    are_few,
    has_facts_at,
    list_places,
    members_who,
)
from .known_restrictions import RestrictionsByUser, read_known_restrictions
from .known_units import KnownLocation, KnownOrganization, KnownSetting, KnownUnits, read_known_units
from .profiles import FACTS, USER_NUMBER, UserProfile, add_profile_columns, split_profile

# So many organizations, and so many profiles of each, stay in memory with what the rules say to them.
REMEMBERED_ORGANIZATIONS, REMEMBERED_PROFILES = 16, 1000


# Built once, because every request needs it: building a statement takes longer than running it.
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


class PlaceFacts(NamedTuple):
    """What the rules learn about a location besides its name: the day it is there, and its setting if it has one."""

    location: facts.LocationFacts
    today: date
    setting: SettingValue | None


class CommonFacts(NamedTuple):
    """All that the standing of an unrestricted user depends on besides their profile."""

    organization: facts.OrganizationFacts
    setting: SettingValue | None
    restrictions: tuple[facts.RestrictionFacts, ...]
    policy: facts.Policy
    today: date
    places: tuple[tuple[int, PlaceFacts], ...]


class KeptAnswers(NamedTuple):
    """What follows from facts that users have in common: their standings, as far as somebody has asked for them.

    `alike` names for each location the first one that the rules cannot tell from it: they know nothing but names apart.
    """

    standings: dict[UserProfile, Standing]
    alike: Mapping[int, int]


@lru_cache(maxsize=REMEMBERED_ORGANIZATIONS)
def kept_answers(common: CommonFacts) -> KeptAnswers:
    """What has been found so far for users who have these facts in common."""
    first: dict[PlaceFacts, int] = {}
    return KeptAnswers({}, {at: first.setdefault(_nameless(place), at) for at, place in common.places})


@dataclass(frozen=True)
class OrganizationSnapshot:
    """All that the rules need about the users of one organization, read once, as values: it says the same for ever.

    `units` are the organization, its locations and their settings; `restrictions` those in force.
    """

    units: KnownUnits
    restrictions: RestrictionsByUser
    policy: facts.Policy
    today: date

    @classmethod
    def read(cls, organization_id: int) -> "OrganizationSnapshot":
        """Read the snapshot of an organization: three statements, however many users it has."""
        return cls.around(read_known_units(organization_id), read_known_restrictions(organization_id))

    @classmethod
    def around(cls, units: KnownUnits, restrictions: RestrictionsByUser) -> Self:
        """The snapshot of what was read."""
        return cls(units, restrictions, read_policy(), current_day(""))

    @property
    def organization(self) -> KnownOrganization:
        """The organization."""
        return self.units.organization

    @property
    def locations(self) -> Mapping[int, KnownLocation]:
        """Its locations by id."""
        return self.units.locations

    def places(self) -> list[KnownLocation]:
        """The locations by name."""
        return sorted(self.locations.values(), key=lambda location: location.name_key)

    def _broader_value(self, level: Level, unit_id: int) -> SettingValue | None:
        stored = self.units.settings.get((level, unit_id))
        return stored.value if stored else None

    def settings_of(self, profile: UserProfile) -> dict[Level, SettingValue]:
        """The settings that apply to the users of a profile, by level."""
        broader = {Level.ORGANIZATION: self._broader_value(Level.ORGANIZATION, self.organization.id),
                   Level.LOCATION: self._broader_value(Level.LOCATION, profile.location_id or 0)}
        return {**{level: value for level, value in broader.items() if value},
                Level.USER: SettingValue(profile.own_setting)}

    def effective(self, profile: UserProfile) -> EffectiveSetting:
        """Whether texting is on for the users of a profile, and which level decides."""
        return resolve_settings(self.settings_of(profile))

    def name_of_place(self, profile: UserProfile) -> str:
        """The name of the location of the users of a profile; "" without one."""
        location = self.locations.get(profile.location_id or 0)
        return location.name if location else ""

    def setting_of_location(self, location_id: int) -> KnownSetting | None:
        """The setting that is stored for a location; None without one."""
        return self.units.settings.get((Level.LOCATION, location_id))

    def broader_setting(self, profile: UserProfile, level: Level) -> EffectiveSetting:
        """What the users of a profile get from the levels above this one alone."""
        broader = list(Level)[:list(Level).index(level)]
        return resolve_settings({at: value for at, value in self.settings_of(profile).items() if at in broader})

    @cached_property
    def _places(self) -> Mapping[int, PlaceFacts]:
        return {location.id: PlaceFacts(
            facts.LocationFacts(location.name, location.country, location.pstn), current_day(location.time_zone),
            self._broader_value(Level.LOCATION, location.id)) for location in self.locations.values()}

    def facts_of(self, profile: UserProfile, user_id: int | None = None, e164: str = "") -> Facts:
        """The facts about one user or all users of a profile; with `user_id`, that user's own restrictions too."""
        place = self._places.get(profile.location_id or 0)
        from_plan = profile.source is NumberSource.CALLING_PLAN or (
            profile.source is None and place is not None and place.location.pstn is Pstn.PROVIDER)
        return Facts(
            organization=self.organization_facts(), location=place.location if place else None,
            user=facts.UserFacts(profile.account is not AccountState.DEACTIVATED, profile.app_version),
            number=facts.NumberFacts(e164, profile.kind, from_plan, not profile.claimed, profile.from_on,
                                     profile.until_on, place.today if place else self.today),
            setting=self.effective(profile),
            restrictions=self.restrictions_on(user_id or 0),
            policy=self.policy,
        )

    @cached_property
    def _kept(self) -> KeptAnswers:
        """What is remembered for the same facts: for all that `facts_of` reads besides a profile."""
        return kept_answers(CommonFacts(
            self.organization_facts(), self._broader_value(Level.ORGANIZATION, self.organization.id),
            self.restrictions_on(0), self.policy, self.today, tuple(self._places.items())))

    def restrictions_on(self, user_id: int) -> tuple[facts.RestrictionFacts, ...]:
        """The restrictions in force on a user or on everybody."""
        return self.restrictions.get(None, ()) + self.restrictions.get(user_id, ())

    def organization_facts(self) -> facts.OrganizationFacts:
        """The facts about the organization alone."""
        return self._organization_facts

    @cached_property
    def _organization_facts(self) -> facts.OrganizationFacts:
        mine, settings = self.organization, current_settings()
        return facts.OrganizationFacts(
            mine.customer_type, mine.calling_plan, mine.add_on, mine.healthcare, self.units.hipaa, mine.campaign,
            mine.brand_tier, mine.same_text_most,
            decide_registration(mine.registration, Registration(settings.registration_required),
                                self.units.countries),
            mine.quiet_rule or QuietRule(settings.quiet_hours_rule), mine.keyword_blocks,
            mine.consent_required)

    def standing(self, profile: UserProfile, user_id: int | None = None, e164: str = "") -> Standing:
        """The standing of a user, or of all users of a profile who have no restriction of their own."""
        if e164 or (user_id is not None and user_id in self.restrictions):
            return standing_from_facts(self.facts_of(profile, user_id, e164))
        kept = self._kept.standings
        found = kept.get(profile)
        if found is None:
            if len(kept) >= REMEMBERED_PROFILES:
                kept.clear()
            found = kept[profile] = standing_from_facts(self.facts_of(profile))
        return found

    @property
    def restricted(self) -> list[int]:
        """The ids of users with a restriction of their own, or on their number."""
        return [user_id for user_id in self.restrictions if user_id is not None]

    def members(self, where: Sequence[UserCondition] = ()) -> Select[Any]:
        """The organization's users who meet the conditions, as a selection still without columns."""
        return members_who(self.organization.id, where)

    @cached_property
    def grouping(self) -> Grouping:
        """How the users fall into groups."""
        return Grouping(self.organization.id, self.restricted, self._kept.alike)

    def groups(self, where: Sequence[UserCondition] = ()) -> list[UserGroup]:
        """The users who meet the conditions, in groups for whom the rules say the same; those with a restriction of
        their own are groups of one."""
        return self.grouping.list_groups(where)

    def counts(self, where: Sequence[UserCondition] = ()) -> Counter[UserState]:
        """How many users are in each state."""
        counted: Counter[UserState] = Counter()
        for group in self.groups(where):
            counted[self.standing(group.profile, group.user_id).state] += group.many
        return counted


def _nameless(place: PlaceFacts) -> PlaceFacts:
    return place._replace(location=replace(place.location, name=""))


def users_in_groups(snapshot: OrganizationSnapshot, groups: Iterable[UserGroup]) -> GroupCondition:
    """The condition that selects the users of these groups, which are all those of the snapshot that it holds for."""
    listed = list(groups)
    keys = frozenset(snapshot.grouping.key_of(one.profile, one.user_id) for one in listed)
    alone = [one.user_id for one in listed if one.user_id is not None]
    if len(alone) == len(listed):
        return GroupCondition(User.id.in_(alone) if listed else false(), keys=keys, few=True)
    few = are_few(listed)
    found = has_facts_at(list_places(listed)) if few else _in_groups(snapshot.grouping, keys)
    # A restricted user is a group of one, so they do not belong to the group of their profile.
    plain = and_(not_(User.id.in_(snapshot.restricted)), found)
    return GroupCondition(or_(User.id.in_(alone), plain) if alone else plain, keys=keys, few=few)


def _in_groups(grouping: Grouping, keys: Iterable[GroupKey]) -> ColumnElement[bool]:
    # They are many: the list is read in its order, so no index of locations or facts is to be used.
    facts_at: dict[int, list[str]] = {}
    for key in keys:
        if isinstance(key, tuple):
            facts_at.setdefault(key[0], []).append(key[1])
    return or_(false(), *(and_(Unindexed(User.location_id).in_(grouping.places_like(place)),
                               Unindexed(FACTS).in_(written)) for place, written in facts_at.items()))


def profile_of_user(user: User) -> UserProfile:
    """The profile of one user."""
    return _profile_and_number(user)[0]


def _profile_and_number(user: User) -> tuple[UserProfile, str]:
    profile, (e164,) = split_profile(db.session.execute(_PROFILE, {"user_id": user.id}).one())
    return profile, e164 or ""


def profile_at_location(location: Location | KnownLocation) -> UserProfile:
    """The profile of an imagined user at a location: active, without a number or a setting of their own."""
    return UserProfile(location.id, AccountState.ACTIVE, "", None, None, None)


def standing_of_user(user: User, snapshot: OrganizationSnapshot | None = None) -> Standing:
    """Whether one user can text, with every reason why not."""
    snapshot = snapshot or OrganizationSnapshot.read(user.organization_id or 0)
    profile, e164 = _profile_and_number(user)
    return snapshot.standing(profile, user.id, e164)
