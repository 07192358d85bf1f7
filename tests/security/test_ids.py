"""What stands in addresses survives a mail program, and addresses that were given out keep working."""

import pytest
from sqlalchemy import select, text

from portal.extensions import db, writing
from portal.models import Location, User
from portal.rules.facts import Pstn
from portal.services.accounts import links
from tests import reports
from tests.products import WHOLE
from tests.security.maple import settle, undone
from tests.security.table import GETS, POSTS, outcome

# An id of an audit event cannot change, and a report's reference is for people to read out.
STAY = ("audit_events", "reports")


def test_links_end_in_a_letter_or_a_digit(inside, people):
    """A `-` or `_` at the end of an address is left out of the link."""
    with inside():
        uli = db.session.get_one(User, people["Uli"].id)
        found = [links.make_link(None, uli) for _ in range(20)]
        found += [reports.told("+16475550110").token for _ in range(20)]
    assert len(set(found)) == 40
    assert [token for token in found if not (token.isascii() and token.isalnum())] == []
    assert min(map(len, found)) >= 24


@pytest.fixture(params=["-", "_-"] if WHOLE else ["_-"])
def old(app, inside, request):
    """The records of Maple Clinic with ids as they used to be made: such an end was possible."""
    end, held = request.param, settle(app)
    aged = {}
    with inside(), writing() as session:
        for table in db.metadata.sorted_tables:
            if "ref" in table.columns and table.name not in STAY:
                refs = session.scalars(text(f"SELECT ref FROM {table.name}")).all()
                aged |= {ref: ref[:-len(end)] + end for ref in refs}
                session.execute(text(f"UPDATE {table.name} SET ref = substr(ref, 1, 12 - :cut) || :end"),
                                {"cut": len(end), "end": end})

    def age(said):
        for ref, older in aged.items():
            said = said.replace(ref, older)
        return said

    records = held._asdict()
    hidden = {age(at): {name: age(value) for name, value in form.items()} for at, form in records.pop("hidden").items()}
    return held._replace(**{name: age(value) for name, value in records.items()}, hidden=hidden)


@pytest.mark.parametrize("who", ["Ada", "Uli", "Olga"] if WHOLE else ["Ada"])
def test_addresses_with_old_ids_work(app, browse, old, who):
    browser = browse(who)
    found = {row.rule: outcome(browser.get(old.address(row.rule), buffered=True)) for row in GETS}
    assert found == {row.rule: row.codes[who] for row in GETS}


def test_forms_about_records_with_old_ids_work(app, browse, old):
    for row in POSTS:
        if "<" in row.rule and row.passing:
            with undone(app):
                answer = browse(row.passing[0]).post(old.address(row.rule), data=old.form(row.rule))
                assert outcome(answer) == row.codes[row.passing[0]], row


def test_a_field_named_after_an_old_id_is_heard(browse, old, inside):
    place = f"/operator/organizations/{old.organization}/locations/{old.location}"
    browse("Olga").post(place, data={f"at-{old.location}-pstn": "local-gateway"})
    with inside():
        assert db.session.scalars(select(Location.pstn).filter_by(ref=old.location)).one() is Pstn.LOCAL_GATEWAY
