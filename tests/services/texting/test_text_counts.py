"""Texts sent, not delivered and received: which states count, in which period, and how the database finds them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from portal.extensions import db
from portal.models import TextState
from portal.services.texting.text_counts import TextCounts, count_texts
from tests.talks import hold, note, text_in, text_out

pytestmark = pytest.mark.usefixtures("open_app")
START = datetime(2025, 3, 9, 5, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def at(moment, state=TextState.DELIVERED):
    return text_out(state=state, at=moment)


def test_each_text_counts_in_the_period_that_has_begun(uli):
    hold(uli.id, at(START - timedelta(seconds=1)), at(START), at(START + DAY - timedelta(microseconds=1)),
         at(START + DAY), text_in(at=START + 5 * DAY), {**note("out"), "at": START})
    assert count_texts(uli.organization_id, [START, START + DAY, START + 2 * DAY]) == [
        TextCounts(sent=2), TextCounts(sent=1), TextCounts(received=1)]
    assert count_texts(uli.organization_id, [START]) == [TextCounts(sent=3, received=1)]


@pytest.mark.parametrize(("state", "counted"), [
    *((state, TextCounts(1)) for state in (TextState.HANDED_OVER, TextState.SENT, TextState.DELIVERED,
                                           TextState.UNKNOWN, TextState.QUARANTINED)),
    *((state, TextCounts(1, 1)) for state in (TextState.UNDELIVERED, TextState.FAILED)),
    *((state, TextCounts()) for state in (TextState.QUEUED, TextState.CLAIMED, TextState.EXPIRED, TextState.REFUSED,
                                          TextState.CANCELED)),
])
def test_what_never_left_is_not_sent(uli, state, counted):
    hold(uli.id, at(START, state))
    assert count_texts(uli.organization_id, [START]) == [counted]


def test_texts_of_others_are_not_counted(uli, mia):
    hold(mia.id, at(START), text_in(at=START))
    assert count_texts(uli.organization_id, [START]) == [TextCounts()]
    assert count_texts(mia.organization_id, [START]) == [TextCounts(sent=1, received=1)]


@pytest.mark.sqlite
def test_one_statement_reads_only_counts_of_the_days_asked_for(uli, statements):
    with statements() as seen:
        count_texts(uli.organization_id, [START + n * DAY for n in range(14)])
    (asked,) = seen
    words = asked if isinstance(asked, str) else asked[0]
    plan = db.session.execute(text("EXPLAIN QUERY PLAN " + words.replace("?", "1"))).all()
    searched = [row[-1] for row in plan if "quarter_counts" in row[-1]]
    assert searched == [*["SEARCH quarter_counts USING PRIMARY KEY (organization_id=? AND at>? AND at<?)"] * 13,
                        "SEARCH quarter_counts USING PRIMARY KEY (organization_id=? AND at>?)"]
