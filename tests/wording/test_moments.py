"""Moments are written as Flask-Babel writes them, in the zone and language of whoever reads."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import request
from flask_babel import force_locale, format_datetime, refresh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    ("pl", "9 mar 2026", "9 mar, 14:05"),
    ("fr_CA", "9 mars 2026", "9 mars, 14:05"),
])
def test_days_as_each_language_writes_them(app, locale, day, moment):
    at = datetime(2026, 3, 9, 14, 5, tzinfo=UTC)
    with app.test_request_context(), force_locale(locale):
        assert moments.format_day(at.date(), "d MMM y") == day
        assert moments.format_moment(at, "d MMM, HH:mm") == moment
