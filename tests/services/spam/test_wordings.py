"""Each wording of a case once, with how often it was sent and who reported it."""

from datetime import UTC, datetime, timedelta

from portal.models import Evidence, Report
from portal.rules.cases import Match
from portal.rules.texts import hash_of_template
from portal.services.spam.wordings import list_wordings

AT = datetime(2025, 3, 9, 12, 0, tzinfo=UTC)
PARCEL, PRIZE = "Your parcel 12 waits", "You have won"


def kept(body, hours=0):
    return Evidence(body=body, template=hash_of_template(body), at=AT + timedelta(hours=hours))


def told(body, matched=Match.VERIFIED, *, repeated=False):
    return Report(body=body, matched=matched, repeated=repeated)


def counted(found):
    return [(one.body, one.sent, one.verified, one.others, len(one.reports)) for one in found]


def test_what_differs_in_numbers_only_is_one_wording():
    found = list_wordings([kept(PARCEL), kept("Your parcel 99 waits", 2)],
                          [told("your PARCEL 7 waits"), told(PARCEL, Match.KNOWN)], {hash_of_template(PARCEL): 24})
    assert counted(found) == [(PARCEL, 24, 1, 1, 2)]
    assert (found[0].first, found[0].last) == (AT, AT + timedelta(hours=2))


def test_the_wording_that_was_sent_most_comes_first_and_reports_without_words_last():
    sent = {hash_of_template(PARCEL): 2, hash_of_template(PRIZE): 9}
    found = list_wordings([kept(PARCEL), kept(PRIZE)], [told(" "), told("Something else", Match.UNMATCHED)], sent)
    assert counted(found) == [(PRIZE, 9, 0, 0, 0), (PARCEL, 2, 0, 0, 0), ("Something else", 0, 0, 1, 1),
                              ("", 0, 1, 0, 1)]


def test_who_reports_again_counts_once():
    found = list_wordings([kept(PARCEL)], [told(PARCEL), told(PARCEL, repeated=True)], {})
    assert counted(found) == [(PARCEL, 1, 1, 0, 2)], "a text that the log has lost is still kept with the case"


def test_a_case_without_texts_and_reports_has_no_wording():
    assert list_wordings([], [], {}) == []
