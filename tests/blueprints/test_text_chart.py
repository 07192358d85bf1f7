"""The chart of texts: which days it shows, and how high its columns are."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from portal.blueprints.admin.text_chart import BOTTOM, SPANS, TOP, draw_chart, list_first_days
from portal.services.texting.text_counts import TextCounts

DAY = date(2025, 3, 12)


@pytest.mark.parametrize("days", SPANS)
def test_columns_follow_each_other_and_end_today(days):
    firsts = list_first_days(DAY, days)
    assert firsts[0] == DAY - timedelta(days=days - 1)
    assert firsts[-1] == DAY - timedelta(days=SPANS[days] - 1)
    steps = {after - before for before, after in pairwise(firsts[1:])}
    assert steps == {timedelta(days=SPANS[days])}


def test_the_highest_count_reaches_the_top_and_everything_stands_within(app):
    counted = [TextCounts(sent=4, not_delivered=1, received=0), TextCounts(received=8), TextCounts()]
    with app.test_request_context():
        drawn = draw_chart(14, [DAY, DAY, DAY], counted)
    assert [(one.sent, one.not_delivered, one.received) for one in drawn.columns] == [
        (53.0, 13.25, 0.0), (0.0, 0.0, BOTTOM - TOP), (0.0, 0.0, 0.0)]
    assert drawn.most == 8
    assert drawn.sums == TextCounts(4, 1, 8)
    assert drawn.columns[-1].x + drawn.width == pytest.approx(100)


def test_without_texts_nothing_is_divided_by_nothing(app):
    with app.test_request_context():
        assert draw_chart(90, [DAY] * 13, [TextCounts()] * 13).most == 1
