"""When a location is open, in the time of its own zone: hours of weekdays, Saturdays and Sundays, and closed days.

The stored form is one line: "weekdays 08:30-17:00; saturday 09:00-12:00; closed 2026-12-25 2027-01-01".
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# More closed days than a year has holidays; what is stored and read back stays short.
MOST_CLOSED_DAYS = 60
_DAY = timedelta(days=1)
_WHOLE_WEEK = 7


@dataclass(frozen=True, slots=True)
class OpenSpan:
    """From when to when a location is open on one day; `closes` at 00:00 is the midnight at the end of it."""

    opens: time
    closes: time

    def on_day(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Beginning and end (UTC) on one day of the zone, also where the clock changes on it."""
        last = day if self.closes > time() else day + _DAY
        return _moment(day, self.opens, zone), _moment(last, self.closes, zone)


WHOLE_DAY = OpenSpan(time(), time())


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The hours of a location. Without any hours it is open around the clock, but for its closed days."""

    weekdays: OpenSpan | None = None
    saturday: OpenSpan | None = None
    sunday: OpenSpan | None = None
    closed: tuple[date, ...] = ()

    def hours_of_day(self, day: date) -> OpenSpan | None:
        """The hours on one day; None if the location is closed."""
        if day in self.closed:
            return None
        if not (self.weekdays or self.saturday or self.sunday):
            return WHOLE_DAY
        return {5: self.saturday, 6: self.sunday}.get(day.weekday(), self.weekdays)

    def opens_after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """When (UTC) the location opens next; None if it is open at this moment."""
        today = moment.astimezone(zone).date()
        for days in range(_WHOLE_WEEK * (len(self.closed) + 2)):
            span = self.hours_of_day(today + days * _DAY)
            begins, ends = span.on_day(today + days * _DAY, zone) if span else (moment, moment)
            if begins <= moment < ends:
                return None
            if begins > moment:
                return begins
        return None

    def as_line(self) -> str:
        """The stored form; "" if the location is always open."""
        spans = (("weekdays", self.weekdays), ("saturday", self.saturday), ("sunday", self.sunday))
        said = [f"{name} {span.opens:%H:%M}-{span.closes:%H:%M}" for name, span in spans if span]
        return "; ".join([*said, *(["closed " + " ".join(map(str, self.closed))] if self.closed else [])])


def read_opening_hours(line: str) -> OpeningHours:
    """The hours that a stored line means. Raises ValueError or TypeError for a line that no `as_line` wrote."""
    parts = dict(part.split(" ", 1) for part in line.split("; ")) if line else {}
    closed = tuple(map(date.fromisoformat, parts.pop("closed", "").split()))
    return OpeningHours(closed=closed, **{name: _span(hours) for name, hours in parts.items()})


def _span(hours: str) -> OpenSpan:
    opens, closes = hours.split("-")
    return OpenSpan(time.fromisoformat(opens), time.fromisoformat(closes))


def _moment(day: date, hour: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, hour, zone).astimezone(UTC)
