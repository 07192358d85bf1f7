"""Moments are written as Flask-Babel writes them, in the zone and language of whoever reads."""

import re
from datetime import UTC, datetime, time, timedelta, timezone
from pathlib import Path

import pytest
from flask import request
from flask_babel import force_locale, format_datetime, refresh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import wording
from portal.wording import moments

PATTERNS = ("d MMM y, HH:mm", "EEEE, d MMMM y, HH:mm:ss zzzz", "d MMM", "HH:mm", "yyyy-MM-dd", "EEEE, d MMMM y")
ZONES = (UTC, timezone(timedelta(hours=-5)))
MOMENTS = st.builds(datetime.fromtimestamp, st.floats(946_684_800, 4_102_444_800), st.sampled_from(ZONES))


@given(at=MOMENTS, pattern=st.sampled_from(PATTERNS))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_as_flask_babel_writes_them(app, at, pattern):
    with app.test_request_context():
        assert moments.format_moment(at, pattern) == format_datetime(at, pattern)


def test_the_zone_is_the_readers(app, monkeypatch):
    """The same moment is another hour elsewhere, also once it was written."""
    at = datetime(2025, 7, 1, 3, 30, tzinfo=UTC)
    zones = {"a": "America/Toronto", "b": "Europe/Zurich"}
    monkeypatch.setattr(app.extensions["babel"], "timezone_selector", lambda: zones[request.args["who"]])
    seen = []
    for who in ("a", "b", "a"):
        with app.test_request_context(f"/?who={who}"):
            refresh()
            seen.append((moments.format_moment(at, "d MMM, HH:mm"),
                         moments.is_same_day(at, at + timedelta(hours=2))))
    assert seen == [("30 Jun, 23:30", False), ("1 Jul, 05:30", True), ("30 Jun, 23:30", False)]


@pytest.mark.parametrize(("hours", "same"), [(0, True), (1, True), (24, False), (-24, False)])
def test_one_day(app, hours, same):
    at = datetime(2025, 7, 1, 12, tzinfo=UTC)
    with app.test_request_context():
        assert moments.is_same_day(at, at + timedelta(hours=hours)) is same


@pytest.mark.parametrize(("locale", "day", "moment"), [
    ("en", "9 Mar 2026", "9 Mar, 14:05"), ("de", "9. März 2026", "9. März, 14:05"),
    ("pl", "9.03.2026", "9 mar, 14:05"),
    ("fr_CA", "9 mars 2026", "9 mars, 14\u00a0h\u00a005"),
])
def test_days_as_each_language_writes_them(app, locale, day, moment):
    at = datetime(2026, 3, 9, 14, 5, tzinfo=UTC)
    with app.test_request_context(), force_locale(locale):
        assert moments.format_day(at.date(), "d MMM y") == day
        assert moments.format_moment(at, "d MMM, HH:mm") == moment


@pytest.mark.parametrize(("locale", "clock", "whole"), [
    ("en", "08:00", "Monday, 9 March 2026, 14:05:07 Coordinated Universal Time"),
    ("de", "08:00", "Montag, 9. März 2026, 14:05:07 Koordinierte Weltzeit"),
    ("pl", "08:00", "poniedziałek, 9 marca 2026, 14:05:07 uniwersalny czas koordynowany"),
    ("fr_CA", "08\u00a0h\u00a000",
     "lundi 9 mars 2026, 14\u00a0h\u00a005\u00a0min\u00a007\u00a0s temps universel coordonné"),
])
def test_times_as_each_language_writes_them(app, locale, clock, whole):
    at = datetime(2026, 3, 9, 14, 5, 7, tzinfo=UTC)
    with app.test_request_context(), force_locale(locale):
        assert moments.format_clock(time(8)) == clock
        assert moments.format_moment(at, "EEEE, d MMMM y, HH:mm:ss zzzz") == whole
        assert wording.value_in_words(time(8)) == clock


@pytest.mark.parametrize(("locale", "said"), [
    ("en", ["in 1 minute", "in 2 hours", "in 5 days"]), ("de", ["in 1 Minute", "in 2 Stunden", "in 5 Tagen"]),
    ("pl", ["za 1 minutę", "za 2 godziny", "za 5 dni"]), ("fr_CA", ["dans 1 minute", "dans 2 heures", "dans 5 jours"]),
])
def test_how_long_it_is_from_now(app, locale, said):
    waits = (timedelta(minutes=1), timedelta(hours=2), timedelta(days=5))
    with app.test_request_context(), force_locale(locale):
        assert [moments.format_wait(one) for one in waits] == said


def test_no_page_writes_a_time_by_a_pattern_of_its_own():
    """What is shown goes through `moments`, which knows each language's way; files and texts have their own."""
    portal = Path(moments.__file__).parents[1]
    shown = [path for folder in ("blueprints", "wording", "web", "rules/table")
             for path in (portal / folder).rglob("*.py")]
    assert [path.name for path in shown if re.search(r":%H:%M\}|strftime|[^_]format_timedelta|format_time\(",
                                                     path.read_text(encoding="utf-8"))] == ["moments.py"]
