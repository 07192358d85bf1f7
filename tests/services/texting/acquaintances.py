"""Users who know ten numbers in ten ways: opted out, erased, with a consent, and so on."""

from datetime import timedelta

import pytest

from portal.extensions import db, now, writing
from portal.models import CarrierBlock, ConsentRecord, OptOut, OptOutSource, OptOutState, User, WebAsk
from portal.rules.facts import ConsentKind
from portal.services.texting import erased_numbers
from tests.reports import number
from tests.talks import hold, text_in, text_out

FRESH, OUT, PERHAPS, ERASED, WROTE, ASKED, ANSWERED, LONG_AGO, AGREED, BOUGHT = map(number, range(10))
NUMBERS = (FRESH, OUT, PERHAPS, ERASED, WROTE, ASKED, ANSWERED, LONG_AGO, AGREED, BOUGHT)


@pytest.fixture
def writers(people, inside):
    """Uli, Ben of the same organization and Otto of another, who know the numbers in different ways."""
    with inside():
        found = [db.session.get_one(User, people[name].id) for name in ("Uli", "Ben", "Otto")]
        fill(found[0])
        yield found


def fill(uli):
    day = timedelta(days=1)
    hold(uli.id, text_in(at=now() - day / 2), theirs=WROTE)
    hold(uli.id, text_in(at=now() - day / 4), theirs=ANSWERED)
    hold(uli.id, text_out(at=now() - 3 * day), text_in(at=now() - 2 * day), theirs=LONG_AGO)
    mine = uli.organization_id
    erased = erased_numbers.hash_erased_number(mine, ERASED)
    said = {OUT: OptOutState.OUT, PERHAPS: OptOutState.LIKELY_OUT, erased: OptOutState.OUT}
    with writing() as session:
        session.add_all(OptOut(organization_id=mine, theirs=theirs, state=consent, source=OptOutSource.WEB)
                        for theirs, consent in said.items())
        session.add(CarrierBlock(organization_id=mine, theirs=OUT, number_id=uli.number.id))
        session.add_all(WebAsk(organization_id=mine, theirs=theirs, at=now() - day / 3) for theirs in (ASKED, ANSWERED))
        # Of several consents the one counts that lasts longest; those that have ended count no more.
        for theirs, kind, until, ended in (
                (AGREED, ConsentKind.PURCHASE, day, None), (AGREED, ConsentKind.EXPRESS, None, None),
                (BOUGHT, ConsentKind.INQUIRY, day, None), (BOUGHT, ConsentKind.PURCHASE, 2 * day, None),
                (BOUGHT, ConsentKind.EXPRESS, None, day), (OUT, ConsentKind.EXPRESS, None, day),
                (WROTE, ConsentKind.INQUIRY, -day, None)):
            session.add(ConsentRecord(
                organization_id=mine, theirs=theirs, kind=kind, given_at=now() - 9 * day,
                until=until and now() + until, ended_at=ended and now() - ended))
