"""SEND: what stands between an organization and a recipient, at its edges."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.rules import Act, Effect, Facts, decide
from portal.rules.area_states import places_of_number
from portal.rules.facts import (
    CarrierFacts,
    Cause,
    ConsentKind,
    Contact,
    OrganizationFacts,
    Pace,
    Policy,
    QuietRule,
    Restraint,
    Text,
)
from portal.rules.number_zones import zones_of_number
from portal.rules.numbers import NumberKind

from .examples import EXAMPLES, HOURS, MOMENT, NOON, OWN, REAL, restricted, slowed, to

TALLAHASSEE, PENSACOLA, ALASKA = "+18502221234", "+18504321234", "+19072341234"


def told(facts: Facts) -> dict[str, Effect]:
    return {reason.id: reason.effect for reason in decide(Act.SEND, facts).reasons}


def quiet(contact: Contact, now: datetime) -> str | None:
    """The local time that the warning names, None without a warning."""
    reasons = decide(Act.SEND, Facts(contact=contact, now=now)).warnings
    return f"{reasons[0].values['local']:%H:%M}" if reasons else None


def local(zone: str, clock: str, month: int = 11) -> datetime:
    """That time of day in a zone, as the portal keeps it: in UTC."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, month, 22, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


# --- opting out --------------------------------------------------------------


def test_an_opt_out_blocks_and_says_since_when():
    decision = decide(Act.SEND, Facts(contact=Contact(opted_out_at=NOON, perhaps_out=True, wrote_lately=True)))
    assert [reason.id for reason in decision.blocking] == ["opted-out", "maybe-opted-out"]
    assert decision.headline.values == {"at": NOON}


def test_what_is_decided_about_a_contact_lets_an_ordinary_one_pass():
    assert told(Facts(contact=Contact(zones=("America/Toronto",)), now=local("America/Toronto", "12:00"))) == {}


# --- quiet hours -------------------------------------------------------------


@pytest.mark.parametrize(("clock", "warned"), [
    ("00:00", True), ("07:59", True), ("08:00", False), ("12:00", False), ("20:59", False), ("21:00", True),
    ("23:59", True),
])
@pytest.mark.parametrize("month", [1, 7], ids=["winter", "summer"])
@pytest.mark.parametrize("number", ["+14165550101", PENSACOLA, "+18085551234", "+17095551234"])
def test_quiet_hours_are_from_nine_to_eight_where_the_number_is(number, clock, warned, month):
    """Ontario, Florida's west, Hawaii; Newfoundland is half an hour off."""
    here = zones_of_number(number)[0]
    assert quiet(Contact(zones=(here,)), local(here, clock, month)) == (clock if warned else None)


@pytest.mark.parametrize(("number", "clock", "warned"), [
    (TALLAHASSEE, "08:00", None), (PENSACOLA, "08:00", "07:00"), (PENSACOLA, "09:00", None),
    (TALLAHASSEE, "21:00", "21:00"), (PENSACOLA, "21:00", None), (PENSACOLA, "22:00", "21:00"),
])
def test_two_exchanges_of_one_area_code_lie_in_two_zones(number, clock, warned):
    """In Florida's 850 it is an hour earlier west of the Apalachicola."""
    assert quiet(Contact(zones=zones_of_number(number)), local("America/New_York", clock)) == warned


@pytest.mark.parametrize(("clock", "warned"), [
    ("07:59", "07:59"), ("08:00", "07:00"), ("08:59", "07:59"), ("09:00", None), ("20:59", None), ("21:00", "21:00"),
])
def test_where_a_number_may_be_in_two_zones_both_must_be_awake(clock, warned):
    """The Aleutians are an hour behind the rest of Alaska. The time that is told is one at which it is night."""
    assert set(zones_of_number(ALASKA)) == {"America/Adak", "America/Anchorage"}
    both = Contact(zones=("America/Anchorage", "America/Adak"))
    assert quiet(both, local("America/Anchorage", clock)) == warned
    assert (quiet(replace(both, zones=both.zones[::-1]), local("America/Anchorage", clock)) is None) is (warned is None)


def test_whoever_wrote_within_a_day_may_be_answered_at_night():
    night = local("America/Toronto", "03:00")
    here = Contact(zones=("America/Toronto",))
    assert quiet(here, night) == "03:00"
    assert quiet(replace(here, wrote_lately=True), night) is None


def test_where_the_zone_is_unknown_nobody_is_warned():
    assert all(quiet(Contact(zones=()), NOON + timedelta(hours=hour)) is None for hour in range(24))


@pytest.mark.parametrize(("number", "zone", "month", "at"), [
    ("+14745550123", "America/Regina", 7, "07:30"), ("+14485550123", "America/Chicago", 11, "07:30"),
    ("+13645550123", "America/Chicago", 11, "07:30"), ("+18679751234", "America/Toronto", 11, "21:30"),
    ("+12215550123", "Pacific/Honolulu", 7, "07:30"),
])
def test_an_overlay_is_quiet_where_what_it_overlays_is(number, zone, month, at):
    """Early in the west or late in the east of it; an overlay's area may be awake elsewhere."""
    facts = Facts(contact=Contact(zones=zones_of_number(number)), now=local(zone, at, month))
    assert "quiet-hours" in {reason.id for reason in decide(Act.SEND, facts).reasons}


def test_quiet_hours_stop_nothing():
    decision = decide(Act.SEND, EXAMPLES["quiet-hours"].breaks)
    assert decision.allowed
    assert decision.until is None


def test_without_a_clock_or_a_contact_nobody_is_warned():
    breaking = EXAMPLES["quiet-hours"].breaks
    for part in ("now", "contact"):
        assert told(replace(breaking, **{part: None})) == {}


# --- quiet hours by state and province -----------------------------------------


def texting(number: str, zone: str, clock: str, rule: QuietRule = QuietRule.WARN, **more) -> Facts:
    """Facts about a text to a number, at a time of that zone; "2026-11-22 07:59"."""
    now = datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    contact = Contact(zones=zones_of_number(number), places=places_of_number(number), consent=ConsentKind.EXPRESS)
    return Facts(contact=contact, now=now, organization=OrganizationFacts(quiet_rule=rule), **more)


def values(facts: Facts) -> dict[str, object]:
    (reason,) = decide(Act.SEND, facts).reasons
    return dict(reason.values)


@pytest.mark.parametrize(("number", "zone", "clock", "place", "local", "opens"), [
    ("+14015550123", "America/New_York", "2026-11-27 18:00", "US-RI", "18:00", "10:00"),
    ("+12145550123", "America/Chicago", "2026-11-22 11:59", "US-TX", "11:59", "12:00"),
    ("+16015550123", "America/Chicago", "2026-11-22 12:00", "US-MS", "12:00", "08:00"),
    ("+14165550123", "America/Toronto", "2026-11-23 08:59", "CA-ON", "08:59", "09:00"),
    ("+14165550123", "America/Toronto", "2026-11-23 21:30", "CA-ON", "21:30", "09:00"),
    ("+17875550123", "America/Puerto_Rico", "2026-11-23 21:00", "US-PR", "21:00", "08:00"),
])
def test_a_warning_names_the_state_its_time_and_when_its_quiet_hours_end(number, zone, clock, place, local, opens):
    told_values = values(texting(number, zone, clock))
    clocks = [f"{told_values[name]:%H:%M}" for name in ("local", "opens")]
    assert (told_values["place"], *clocks) == (place, local, opens)


@pytest.mark.parametrize(("number", "zone", "clock"), [
    ("+14015550123", "America/New_York", "2026-11-25 17:59"), ("+12145550123", "America/Chicago", "2026-11-22 12:00"),
    ("+14165550123", "America/Toronto", "2026-11-23 21:29"), ("+19175550123", "America/New_York", "2026-11-22 20:59"),
])
def test_outside_of_quiet_hours_nothing_is_said(number, zone, clock):
    for rule in QuietRule:
        assert told(texting(number, zone, clock, rule)) == {}


@pytest.mark.parametrize(("clock", "effect"), [
    ("2026-11-23 04:00", Effect.HOLD), ("2026-11-23 03:59", Effect.BLOCK), ("2026-11-22 22:00", Effect.BLOCK),
    ("2026-11-23 07:59", Effect.HOLD),
])
def test_a_text_is_held_until_the_first_minute_allowed_while_it_is_worth_sending(clock, effect):
    """In New York the hours begin at eight, and a text is worth sending for four hours."""
    decision = decide(Act.SEND, texting("+19175550123", "America/New_York", clock, QuietRule.HOLD))
    assert [(reason.id, reason.effect) for reason in decision.reasons] == [("quiet-hours", effect)]
    assert decision.headline.values["until"] == local("America/New_York", "08:00") + timedelta(days=1)
    assert decision.until == (decision.headline.values["until"] if effect is Effect.HOLD else None)


@pytest.mark.parametrize(("left", "effect"), [(timedelta(minutes=65), Effect.HOLD),
                                              (timedelta(minutes=64), Effect.BLOCK)])
def test_at_hand_over_what_is_left_of_a_texts_time_counts(left, effect):
    """Five minutes of it are kept for leaving."""
    held = texting("+19175550123", "America/New_York", "2026-11-23 07:00", QuietRule.HOLD)
    decision = decide(Act.SEND, replace(held, text=Text(valid_until=held.now + left)))
    assert [reason.effect for reason in decision.reasons] == [effect]


def test_a_text_to_a_person_who_wrote_within_a_day_is_not_held():
    held = texting("+19175550123", "America/New_York", "2026-11-23 03:00", QuietRule.HOLD)
    assert told(replace(held, contact=replace(held.contact, wrote_lately=True))) == {}


def test_without_a_clock_no_text_is_held():
    held = texting("+19175550123", "America/New_York", "2026-11-23 07:00", QuietRule.HOLD)
    assert told(replace(held, now=None)) == {}
    assert told(replace(held, organization=None)) == {"quiet-hours": Effect.WARN}


# --- throttles and full queues -----------------------------------------------


@pytest.mark.parametrize(("later", "expected"), [
    (-MOMENT, {}), (0 * MOMENT, {}), (MOMENT, {"throttled": Effect.HOLD}), (HOURS, {"throttled": Effect.HOLD}),
    (HOURS + MOMENT, {"throttled": Effect.HOLD, "queue-full": Effect.BLOCK}),
])
def test_a_throttled_text_waits_for_its_turn_unless_that_is_too_late(later, expected):
    assert told(slowed(later)) == expected


def test_a_throttled_text_is_told_when_it_leaves_and_a_refused_one_when_to_try_again():
    decision = decide(Act.SEND, slowed(2 * HOURS))
    held, refused = decision.reasons
    assert decision.until == held.values["until"] == NOON + 2 * HOURS
    assert refused.values == {"until": NOON + 2 * HOURS, "hours": 4, "again": NOON + HOURS}


def test_without_a_pace_there_is_nothing_to_tell():
    """A block is told as a block, whatever it says of texts a minute."""
    assert told(replace(restricted(Restraint.BLOCK), now=NOON)) == {"blocked": Effect.BLOCK}


def test_the_reason_told_is_that_of_the_throttle_that_set_the_pace():
    facts = replace(restricted(Restraint.THROTTLE), pace=Pace(2, NOON + MOMENT, Cause.BURST), now=NOON)
    (reason,) = decide(Act.SEND, facts).reasons
    assert reason.values == {"per_minute": 2, "until": NOON + MOMENT, "cause": Cause.BURST}


def test_a_throttle_says_nothing_where_no_text_is_about_to_leave():
    assert told(restricted(Restraint.THROTTLE)) == {}


# --- numbers that nobody has -------------------------------------------------


@pytest.mark.parametrize(("raw", "refused"), [
    ("416 555 0099", False), ("416 555 0100", True), ("212 555 0199", True), ("416 555 0200", False),
    ("416 554 0100", False), ("787 555 0100", True),
])
def test_numbers_of_films_are_refused_where_texts_really_leave(raw, refused):
    assert ("fiction-number" in told(to(raw, carrier=REAL))) is refused
    assert told(to(raw, carrier=CarrierFacts(answers_keywords=True))) == {}


@pytest.mark.parametrize("kind", [kind for kind in NumberKind if kind not in {NumberKind.PLAIN, NumberKind.TERRITORY}])
def test_a_number_that_is_refused_for_its_kind_is_not_refused_twice(kind):
    recipient = replace(to(OWN).recipient, kind=kind)
    assert len(told(Facts(recipient=recipient, carrier=REAL, policy=Policy()))) == 1
