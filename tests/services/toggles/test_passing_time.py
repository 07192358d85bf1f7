"""Time alone changes who can text; who confirms a change for many has then seen another effect."""

from datetime import timedelta

import pytest

from portal import extensions
from portal.extensions import writing
from portal.models import Restriction
from portal.rules.facts import Cause, Restraint, Subject
from portal.services import audit
from portal.services.people.number_days import current_day
from portal.services.refusals import EffectChanged
from portal.services.toggles import bulk
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.passing_time import has_time_told
from portal.services.toggles.toggle import SettingValue
from portal.services.toggles.user_list import UserChoice

pytestmark = pytest.mark.usefixtures("open_app", "clock")


@pytest.fixture
def told(row, clock):
    """`told(hours=1)`: whether so much time changes anything at Maple Clinic."""
    clock.stop()
    return lambda **by: (before := clock.now(), clock.forward(**by), has_time_told(
        OrganizationSnapshot.read(row("Uli").organization_id), before))[-1]


def restrict(user, **by):
    with writing() as session:
        session.add(Restriction(
            organization_id=user.organization_id, subject=Subject.USER, user_id=user.id, restraint=Restraint.BLOCK,
            cause=Cause.SPAM, until=extensions.now() + timedelta(**by) if by else None))


def test_time_alone_tells_nothing(told):
    assert not told(days=3)


def test_a_restriction_that_ends_does(told, row):
    restrict(row("Ben"))
    restrict(row("Uli"), hours=2)
    assert [told(hours=1), told(hours=1), told(hours=1)] == [False, True, False]


def test_a_restriction_of_another_organization_does_not(told, row):
    restrict(row("Otto"), hours=1)
    assert not told(hours=2)


@pytest.mark.parametrize("day", ["from_on", "until_on"])
def test_a_number_that_comes_or_leaves_does(told, row, day):
    with writing():
        setattr(row("Uli").number, day, current_day("America/Toronto") + timedelta(days=2))
    # From the first to the second midnight from now, wherever the places are; then it is over.
    assert [told(days=4), told(days=4)] == [True, False]


def test_the_effect_of_before_is_not_done(row, clock):
    clock.stop()
    restrict(row("Ben"), hours=1)
    ada, shown_at = row("Ada"), clock.now()
    given = SettingValue(False), UserChoice(), audit.newest_event_id(ada.organization_id), 4
    clock.forward(hours=2)
    with pytest.raises(EffectChanged):
        bulk.change_many_settings(ada, *given, shown_at)
    assert bulk.change_many_settings(ada, *given, clock.now()).changed == 4


def test_a_clock_that_was_set_back_tells_nothing(told, row):
    restrict(row("Ben"), hours=1)
    assert not told(hours=-30)
