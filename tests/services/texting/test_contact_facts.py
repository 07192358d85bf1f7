"""What is known between organizations and numbers, for many pairs at once."""

from dataclasses import fields

from portal.extensions import now
from portal.rules import facts
from portal.rules.facts import ConsentKind
from portal.services.texting import contact_facts
from tests.services.texting.acquaintances import (
    AGREED,
    ANSWERED,
    ASKED,
    BOUGHT,
    ERASED,
    FRESH,
    NUMBERS,
    OUT,
    PERHAPS,
    WROTE,
)


def test_every_fact_about_a_contact_is_filled_in_a_batch(writers):
    """A new field of `Contact` that nobody fills, or that has no example here, fails."""
    pairs = [(user.organization_id, theirs) for user in writers for theirs in NUMBERS]
    contacts = contact_facts.gather_contacts(pairs, now()).values()
    assert {one.name for one in fields(facts.Contact)} == {
        one.name for one in fields(facts.Contact) for contact in contacts if getattr(contact, one.name) != one.default}


def test_each_number_is_known_as_what_it_is(writers):
    mine = writers[0].organization_id
    found = contact_facts.gather_contacts([(mine, theirs) for theirs in NUMBERS], now())
    assert {name: [theirs for theirs in NUMBERS if getattr(found[mine, theirs], name)]
            for name in ("opted_out_at", "perhaps_out", "first", "wrote_lately", "asked_at", "consent",
                         "blocked_from")} == {
        "opted_out_at": [OUT, ERASED], "perhaps_out": [PERHAPS],
        "first": [FRESH, OUT, PERHAPS, ERASED, ASKED, AGREED, BOUGHT],
        "wrote_lately": [WROTE, ANSWERED], "asked_at": [ASKED], "consent": [AGREED, BOUGHT],
        "blocked_from": [OUT]}
    assert [(found[mine, theirs].consent, bool(found[mine, theirs].consent_until)) for theirs in (AGREED, BOUGHT)] == [
        (ConsentKind.EXPRESS, False), (ConsentKind.PURCHASE, True)]


def test_what_one_organization_knows_is_not_anothers(writers):
    theirs = writers[2].organization_id
    found = contact_facts.gather_contacts([(one.organization_id, other) for one in writers for other in NUMBERS], now())
    assert {found[theirs, other] for other in NUMBERS} == {
        facts.Contact(first=True, zones=found[theirs, OUT].zones, places=found[theirs, OUT].places)}


def test_many_pairs_take_one_statement(writers, statements):
    pairs = [(one.organization_id, other) for one in writers for other in NUMBERS]
    with statements() as seen:
        contact_facts.gather_contacts(pairs, now())
    assert len(seen) == 1
