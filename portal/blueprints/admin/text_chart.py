"""The chart of texts: sent, not delivered and received, by day for two weeks or by week for three months."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from flask import request, url_for
from flask_babel import gettext
from flask_login import current_user
from markupsafe import Markup

from portal.extensions import now
from portal.services.texting.text_counts import TextCounts, count_texts
from portal.web.kept_parts import show_recent_part, write_part
from portal.web.reader import zone_of_reader
from portal.wording.moments import format_day

from .shown import FilterChip

# By the number of days that an address may ask for: how many days one column holds. The first asked for is usual.
SPANS = {14: 1, 90: 7}
# Where the tallest column ends and all begin, in pixels from the top.
TOP, BOTTOM = 14, 120


@dataclass(frozen=True, slots=True)
class ChartColumn:
    """One day or week: its name, its counts, where it stands (percent) and how high its parts are (pixels)."""

    name: str
    counts: TextCounts
    x: float
    sent: float
    not_delivered: float
    received: float


@dataclass(frozen=True, slots=True)
class TextChart:
    """The chart: its columns from old to new, how wide one is (percent), the highest count and the sums.

    `marks` are the columns whose names stand below the chart.
    """

    columns: Sequence[ChartColumn]
    width: float
    most: int
    sums: TextCounts
    marks: Sequence[ChartColumn]
    chips: Sequence[FilterChip]
    weekly: bool


def read_days() -> int:
    """How many days the address asks for; 14 if it asks for none or for what is not offered."""
    asked = request.args.get("days", "")
    return next((days for days in SPANS if str(days) == asked), min(SPANS))


def list_first_days(today: date, days: int) -> list[date]:
    """The first day of each column, from old to new; the last column ends today, and the first one may be shorter."""
    step, oldest = SPANS[days], today - timedelta(days=days - 1)
    last = today - timedelta(days=step - 1)
    behind = [last - timedelta(days=n * step) for n in range(-(-days // step))]
    return [max(day, oldest) for day in reversed(behind)]


def show_text_chart() -> Markup:
    """The chart that the address asks for, in days of the reader's time zone. Asks the database once.

    It is drawn anew when a text changes a count.
    """
    days, zone = read_days(), zone_of_reader()
    firsts = list_first_days(now().astimezone(zone).date(), days)
    starts = [datetime.combine(day, time(), zone).astimezone(UTC) for day in firsts]
    counted = count_texts(current_user.organization_id, starts)
    return show_recent_part(write_text_chart, days, tuple(firsts), tuple(counted))


def write_text_chart(days: int, firsts: Sequence[date], counted: Sequence[TextCounts]) -> str:
    """The same of these counts, with its legend, as a table as well, and the ways to other spans."""
    return write_part("admin/_text_chart.html", chart=draw_chart(days, firsts, counted))


def draw_chart(days: int, firsts: Sequence[date], counted: Sequence[TextCounts]) -> TextChart:
    """The chart of counts for columns that begin on these days."""
    most = max(*(max(one.sent, one.received) for one in counted), 1)
    width, scale = 100 / len(firsts), (BOTTOM - TOP) / most
    columns = [ChartColumn(format_day(day, "d MMM"), one, n * width, one.sent * scale, one.not_delivered * scale,
                           one.received * scale) for n, (day, one) in enumerate(zip(firsts, counted, strict=True))]
    sums = TextCounts(*(sum(getattr(one, name) for one in counted) for name in TextCounts.__slots__))
    chips = [FilterChip(gettext("%(days)s days", days=span), None,
                        url_for("admin.show_overview", days=span, _anchor="texts"), span == days) for span in SPANS]
    return TextChart(columns, width, most, sums, columns[::len(columns) // 3][:3], chips, SPANS[days] > 1)
