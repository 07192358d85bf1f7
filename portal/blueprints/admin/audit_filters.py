"""What of the audit log is shown: days of the reader's calendar, who, which kind, about whom; never a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from flask import url_for
from flask_babel import gettext
from flask_login import current_user

from portal.extensions import now
from portal.models import AuditEvent
from portal.services import audit
from portal.web.reader import zone_of_reader
from portal.wording.moments import begin_large, format_day

from .shown import FilterChip

SIGN_INS = "signed-in"


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """What an address asks for: days as they were typed, the ref of a person, a kind of change, a subject.

    `about` is a kind of subject and its ref ("user-<ref>"); `sign_ins` is "1" where sign-ins are shown too.
    """

    first: str = ""
    last: str = ""
    who: str = ""
    action: str = ""
    about: str = ""
    sign_ins: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "AuditFilters":
        """The filters of an address; an unknown kind of subject is none."""
        about = given.get("about", "")
        return cls(given.get("from", ""), given.get("to", ""), given.get("who", ""), given.get("action", ""),
                   about if about.partition("-")[0] in ("user", "location", "organization") else "",
                   "1" if given.get("sign-ins") else "")

    def said(self) -> dict[str, str]:
        """The filters by their names in an address."""
        return {"from": self.first, "to": self.last, "who": self.who, "action": self.action, "about": self.about,
                "sign-ins": self.sign_ins}

    def address(self, before: str = "", **changed: str) -> str:
        """The log with these filters, some of them changed, after the event with the ref `before`."""
        said = replace(self, **changed).said()
        return url_for("admin.list_audit_events", before=before or None,
                       **{name: value for name, value in said.items() if value})  # type: ignore[arg-type]

    @property
    def subject_ref(self) -> str:
        """The ref of whom or what the log is about, "" for everything."""
        return self.about.partition("-")[2]

    def problems(self) -> dict[str, str]:
        """What is wrong with the days, by the name of the field; {} if nothing is."""
        wrong = gettext("Enter the day as year-month-day, such as 2026-03-31.")
        found = {name: wrong for name, typed in (("from", self.first), ("to", self.last))
                 if typed and read_day(typed) is None}
        first, last = read_day(self.first), read_day(self.last)
        if first and last and last < first:
            found["to"] = gettext("This day is before the first one.")
        return found

    def list_events(self, before: int | None, most: int) -> Sequence[AuditEvent]:
        """Events of the reader's organization on these filters, newest first, older than the event id `before`.

        A day that is none filters nothing.
        """
        first, last = read_day(self.first), read_day(self.last)
        hidden = "" if self.sign_ins or self.action == SIGN_INS else SIGN_INS
        return audit.list_events(
            current_user.organization_id, who=self.who, action=self.action, without=hidden, before=before, most=most,
            subject=self.about.partition("-")[0], ref=self.subject_ref, since=begin_of(first) if first else None,
            until=begin_of(last + timedelta(days=1)) if last else None)


def read_day(typed: str) -> date | None:
    """A day as browsers write it; None for what is no day or far from now."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2999 else None


def begin_of(day: date) -> datetime:
    """The first moment (UTC) of a day in the reader's time zone."""
    return datetime.combine(day, time(), zone_of_reader()).astimezone(UTC)


def today_of_reader() -> date:
    """The day that it is for the reader."""
    return now().astimezone(zone_of_reader()).date()


def list_day_chips(filters: AuditFilters) -> list[FilterChip]:
    """Spans of days as links, the other filters kept."""
    today = today_of_reader()
    spans = ((gettext("All days"), None, None), (gettext("Today"), 0, 0), (gettext("Yesterday"), 1, 1),
             (gettext("Last 7 days"), 6, 0))
    days = [(label, *("" if ago is None else (today - timedelta(days=ago)).isoformat() for ago in (first, last)))
            for label, first, last in spans]
    return [FilterChip(label, None, filters.address(first=first, last=last),
                       (first, last) == (filters.first, filters.last)) for label, first, last in days]


def day_heading(day: date) -> str:
    """A day as it stands above its events."""
    ago = (today_of_reader() - day).days
    words = format_day(day, "EEEE, d MMMM y")
    near = {0: gettext("Today"), 1: gettext("Yesterday")}.get(ago)
    return f"{near}, {words}" if near else begin_large(words)
