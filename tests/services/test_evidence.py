"""What the sent log says about a case."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from portal.extensions import now, writing
from portal.models import Message
from portal.services import evidence
from tests.reports import SPAM, case, number, reported, sent
from tests.talks import come

OTHERS = "Your table is booked for tonight at seven, see you soon"


@pytest.fixture
def uli(people, inside):
    with inside():
        yield people["Uli"]


def test_the_line_counts_this_wording_of_this_sender(uli, people):
    sent(uli.id, number(9), at=now() - timedelta(hours=2, minutes=1))
    sent(uli.id, number(8), OTHERS)
    sent(people["Ben"].id, number(7))
    reported(uli.id, uli.number, 3, recipients=5)
    sent(uli.id, number(0))
    come("STOP", uli.number, number(4))
    found = evidence.line(case())
    assert (found.texts, found.recipients, found.hours, found.stopped, found.reported) == (7, 6, 2, 1, 3)


def test_without_texts_there_is_nothing_to_count(uli):
    reported(uli.id, uli.number, 1)
    with writing() as session:
        session.execute(delete(Message))
    found = evidence.line(case())
    assert (found.texts, found.recipients, found.hours, found.first) == (0, 0, 0, None)


def test_similar_wordings_of_others_are_found_with_whose_they_are(uli, people):
    for index in range(3):
        sent(people["Ben"].id, number(20 + index), SPAM.replace("2.99", "4.50"))
    sent(people["Ben"].id, number(30), OTHERS)
    sent(people["Mia"].id, number(31), SPAM, at=now() - timedelta(days=8))
    reported(uli.id, uli.number, 1)
    (one,) = evidence.similar(case())
    assert (one.user, one.number, one.many, one.organization) == ("Ben Okafor", people["Ben"].number, 3, "Maple Clinic")
