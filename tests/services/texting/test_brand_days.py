"""The segments of a brand's day: which day, whose, and what of it is given back."""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import BrandDay, Organization, TextState
from portal.services import waiting
from portal.services.texting import brand_days
from tests.stores import READ_ONLY, REFUSED_TO_READERS
from tests.talks import hold, messages, text_in, text_out

NOON = datetime(2026, 7, 15, 19, 0, tzinfo=UTC)
TODAY, YESTERDAY = "2026-07-15", "2026-07-14"
DAY = timedelta(days=1)


@pytest.fixture
def maple(uli):
    return db.session.get_one(Organization, uli.organization_id)


@pytest.fixture
def harbor(mia):
    return db.session.get_one(Organization, mia.organization_id)


@pytest.fixture
def at(monkeypatch):
    """`at(moment)` stops the clock of the count; it begins at noon."""
    def stop_the_clock(moment):
        monkeypatch.setattr(waiting, "now", lambda: moment)

    stop_the_clock(NOON)
    return stop_the_clock


def count(organization_id, segments, moment=NOON):
    with writing():
        brand_days.count_segments(organization_id, brand_days.brand_day(moment), segments)


def give_back(ids, *given):
    with writing():
        brand_days.give_back_segments(ids, *given)


def counted():
    """Every day that is counted: (organization, day) and its segments."""
    db.session.rollback()
    return {(one.organization_id, one.day): one.segments for one in db.session.scalars(select(BrandDay))}


# --- which day -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("moment", "day"), [
    ("2026-01-15T07:59:59.999999", "2026-01-14"), ("2026-01-15T08:00:00", "2026-01-15"),
    ("2026-07-15T06:59:59.999999", "2026-07-14"), ("2026-07-15T07:00:00", "2026-07-15"),
    ("2026-03-08T08:00:00", "2026-03-08"), ("2026-03-09T07:00:00", "2026-03-09"),
    ("2026-11-01T07:00:00", "2026-11-01"), ("2026-11-02T07:59:59", "2026-11-01"), ("2026-11-02T08:00", "2026-11-02"),
    ("2028-02-29T12:00:00", "2028-02-29"), ("2027-01-01T07:59:59", "2026-12-31"),
])
def test_a_day_begins_at_midnight_pacific(moment, day):
    """In summer and in winter, on the days when the clock changes, on a leap day and over the end of a year."""
    assert brand_days.brand_day(datetime.fromisoformat(moment).replace(tzinfo=UTC)) == day


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - a zone follows
       st.sampled_from(["America/Toronto", "America/Phoenix", "Pacific/Kiritimati", "UTC"]))
def test_every_moment_lies_within_its_day(moment, zone):
    day = brand_days.brand_day(moment)
    begins = brand_days.start_of_brand_day(day).astimezone(UTC)
    ends = brand_days.start_of_brand_day(
        (datetime.fromisoformat(day) + DAY).date().isoformat()).astimezone(UTC)
    assert begins <= moment < ends
    assert ends - begins in {timedelta(hours=hours) for hours in (23, 24, 25)}
    assert brand_days.brand_day(begins) == brand_days.brand_day(moment.astimezone(ZoneInfo(zone))) == day


@pytest.mark.parametrize(("moment", "ends"), [
    ("2026-01-15T07:59:59", "2026-01-15T08:00"), ("2026-01-15T08:00", "2026-01-16T08:00"),
    ("2026-07-15T06:59", "2026-07-15T07:00"), ("2026-03-08T08:00", "2026-03-09T07:00"),
    ("2026-11-01T07:00", "2026-11-02T08:00"), ("2026-12-31T09:00", "2027-01-01T08:00"),
    ("2028-02-29T12:00", "2028-03-01T08:00"),
])
def test_a_day_ends_at_the_next_midnight_pacific(moment, ends):
    """Also where clocks change in between, on a leap day and at the end of a year."""
    moment, ends = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (moment, ends))
    assert brand_days.end_of_brand_day(moment) == ends


# --- counting ------------------------------------------------------------------------------------


def test_segments_add_up_and_can_be_taken_off(maple, at):
    for segments in (2, 3, -1):
        count(maple.id, segments)
    assert counted() == {(maple.id, TODAY): 4}


def test_each_organization_and_each_day_is_counted_alone(maple, harbor, at):
    count(maple.id, 2)
    count(maple.id, 3, NOON - DAY)
    count(harbor.id, 5)
    assert counted() == {(maple.id, TODAY): 2, (maple.id, YESTERDAY): 3, (harbor.id, TODAY): 5}


def test_a_commit_that_fails_counts_nothing(maple, at):
    def fail():
        with writing():
            brand_days.count_segments(maple.id, TODAY, 2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert counted() == {}


def test_outside_a_write_transaction_nothing_can_be_counted(maple, at):
    with pytest.raises(REFUSED_TO_READERS, match=READ_ONLY):
        brand_days.count_segments(maple.id, TODAY, 2)
    assert counted() == {}


def test_today_is_what_the_organization_has_sent_since_midnight(maple, harbor, at):
    assert waiting.count_for_overview(maple.id, 0).segments == 0
    count(maple.id, 2)
    count(maple.id, 100, NOON - DAY)
    count(harbor.id, 7)
    assert [waiting.count_for_overview(one.id, 0).segments for one in (maple, harbor)] == [2, 7]
    at(datetime(2026, 7, 16, 6, 59, 59, tzinfo=UTC))
    assert waiting.count_for_overview(maple.id, 0).segments == 2
    at(datetime(2026, 7, 16, 7, 0, tzinfo=UTC))
    assert waiting.count_for_overview(maple.id, 0).segments == 0


def test_what_waits_for_tomorrow_is_counted_apart(maple, harbor, at):
    assert brand_days.read_brand_days(maple.id, NOON) == (0, 0)
    for segments, moment in ((100, NOON - DAY), (2, NOON), (3, NOON + DAY), (100, NOON + 2 * DAY)):
        count(maple.id, segments, moment)
    count(harbor.id, 100)
    assert brand_days.read_brand_days(maple.id, NOON) == (2, 3)


# --- giving back ---------------------------------------------------------------------------------


def text(segments=1, state=TextState.QUEUED, **more):
    return text_out("To the US", state, **{"region": "US", "at": NOON, "segments": segments, **more})


def ids():
    return [one.id for one in messages()]


@pytest.mark.parametrize("asked", TextState)
def test_only_texts_in_the_state_that_were_counted_are_given_back(uli, asked):
    """Whatever else lies in the queue: texts to Canada and automatic answers were never counted."""
    kinds = {brand_days.brand_day(NOON - place * DAY): kind for place, kind in enumerate(
        product(TextState, ("US", "CA", ""), (False, True)))}
    hold(uli.id, *(text(3, state, region=region, automatic=automatic, at=NOON - place * DAY)
                   for place, (state, region, automatic) in enumerate(kinds.values())))
    give_back(ids(), asked)
    assert {kinds[day]: segments for (_whose, day), segments in counted().items()} == {
        (asked, "US", False): -3, (asked, "", False): -3}


def test_texts_that_wait_are_meant_if_no_state_is_said(uli):
    hold(uli.id, text(2), text(4, TextState.CLAIMED))
    give_back(ids())
    assert counted() == {(uli.organization_id, TODAY): -2}


def test_texts_of_another_worker_are_left_out(uli):
    hold(uli.id, *(text(segments, TextState.CLAIMED, claimed_by=name) for segments, name in ((1, "me"), (2, "other"))))
    give_back(ids(), TextState.CLAIMED, "me")
    assert counted() == {(uli.organization_id, TODAY): -1}
    give_back(ids(), TextState.CLAIMED)
    assert counted() == {(uli.organization_id, TODAY): -4}


def test_nothing_is_given_back_but_what_is_named(uli):
    hold(uli.id, text(1), text(2), text(4), text_in())
    first, _second, third = ids()
    give_back([third, first, third, 10_000])
    assert counted() == {(uli.organization_id, TODAY): -5}


def test_no_texts_ask_nothing(uli, statements):
    with statements() as seen:
        give_back([])
    assert seen == []


def test_segments_go_back_to_the_day_and_the_organization_that_sent_them(uli, mia, at):
    """Not to the day on which the text was stopped."""
    hold(uli.id, text(2), text(3, at=NOON - DAY))
    hold(mia.id, text(5))
    for one in messages():
        count(one.organization_id, one.segments + 10, one.at)
    give_back(ids())
    assert counted() == {(uli.organization_id, TODAY): 10, (uli.organization_id, YESTERDAY): 10,
                         (mia.organization_id, TODAY): 10}


def test_segments_go_back_to_the_day_that_counts_the_text(uli, at):
    """Also where it waited for that day; a text that no day counted gives nothing back."""
    tomorrow = (NOON + DAY).date().isoformat()
    hold(uli.id, text(2, brand_day=tomorrow), text(3, brand_day=TODAY), text(5, brand_day=brand_days.NO_DAY))
    give_back(ids())
    assert counted() == {(uli.organization_id, tomorrow): -2, (uli.organization_id, TODAY): -3}
