"""The effect of a switch for a place is what its button does, whatever others change before it is pressed.

Or nothing is done: then another person has set the place, or the figures are not those that were shown any more.
"""

from collections import Counter

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from portal.extensions import db
from portal.services import audit
from portal.services.refusals import EffectChanged
from portal.services.toggles import toggle
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.toggle import SettingValue, StaleSetting, ToggleOutcome

from .companies import Company, calm_down, draw_others
from .houses import house, locked

# The organization, or one of its two locations.
PLACES = st.sampled_from([-1, 0, 1])
MANY = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


class Press:
    """A press on the switch of a place: the effect that its page shows."""

    def __init__(self, company, which, wish):
        db.session.rollback()
        self.company, self.which, self.wish = company, which, toggle.tidy_setting(company.unit(which), wish)
        snapshot = OrganizationSnapshot.read(company.ids[0])
        self.effect = toggle.preview_change(self.unit, self.wish, snapshot)
        self.version = toggle.current_setting(self.unit).version

    @property
    def unit(self):
        """The place as it is now."""
        return self.company.unit(self.which)

    def concerns(self, person):
        """Whether the setting of the place applies to somebody."""
        return self.which < 0 or person.location_id == self.company.ids[1][self.which]

    def confirm(self):
        """Press the button."""
        return toggle.change_setting(self.company.boss(), self.unit, self.wish, self.version, self.effect.mark)


@MANY
@given(drawn=house, which=PLACES, wish=locked, chance=st.randoms(use_true_random=True))
def test_what_was_shown_of_a_place_is_done(open_app, clock, drawn, which, wish, chance):
    company = Company(calm_down(drawn, chance), clock)
    press = Press(company, which, wish)
    others = [doing for _moment, doing in draw_others(chance, ["confirm"], most=3)]
    if chance.random() < 0.2:
        others.append(("unit", which, SettingValue(chance.choice((True, False)), chance.random() < 0.5)))
    for doing in others:
        company.do(*doing)
    confirm_and_compare(company, press)


def confirm_and_compare(company, press):
    """Press the button; where the effect is another by now, press the button of the new one as well."""
    before, last, held = company.standings(), newest(company), toggle.current_setting(press.unit)
    try:
        answer = press.confirm()
    except StaleSetting:
        assert held.version != press.version
        assert held.value != press.wish
        came_of_it(company, last, held, press, "another person has set it")
    except EffectChanged:
        again = Press(company, press.which, press.wish)
        assert again.effect.mark != press.effect.mark
        came_of_it(company, last, held, press, "shown anew")
        confirm_and_compare(company, again)
    else:
        if answer.allowed and held.value != press.wish:
            event("done")
            compare(company, press, before)
        else:
            came_of_it(company, last, held, press, "set already" if answer.allowed else "refused")


def newest(company):
    """The id of the newest event of the log."""
    db.session.rollback()
    return audit.newest_event_id(company.ids[0])


def came_of_it(company, last, held, press, what):
    """Nothing came of it."""
    event(what)
    assert (newest(company), toggle.current_setting(press.unit)) == (last, held), "nothing was written"


def compare(company, press, before):
    """Each figure that was shown against everybody's state before and after, asked one by one."""
    after, done, idle = company.standings(), Counter(), 0
    for one in company.people():
        if not press.concerns(one):
            assert after[one.id] == before[one.id], "nobody else is touched"
            continue
        (_, was, _), (_, on, eligible) = before[one.id], after[one.id]
        done[outcome_of(was, on, eligible)] += 1
        idle += on and not eligible
    shown = Counter(press.effect.counts)
    shown[ToggleOutcome.UNCHANGED] += shown.pop(ToggleOutcome.OWN_WORD, 0)
    assert (done, idle) == (shown, press.effect.idle)
    assert toggle.current_setting(press.unit).value == press.wish


def outcome_of(was, on, eligible):
    """What has happened to somebody."""
    if not eligible:
        return ToggleOutcome.NOT_AVAILABLE
    if was == on:
        return ToggleOutcome.UNCHANGED
    return ToggleOutcome.TURN_ON if on else ToggleOutcome.TURN_OFF
