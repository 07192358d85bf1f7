"""A plan carried out: stored as if each change had been made by hand, with the same events."""

import pytest
from sqlalchemy import func, select

from portal.extensions import db, writing
from portal.models import AccountState, AuditEvent, Claim, Location, Number, User
from portal.rules.facts import NumberSource
from portal.services import audit
from portal.services.imports.number_holders import NumberHolders
from portal.services.imports.planning import ImportPlan
from portal.services.imports.rows import FileRow
from portal.services.imports.steps import RowOutcome, RowPlan
from portal.services.imports.writing import carry_out_plan
from portal.services.people import numbers, users
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingValue
from tests.data.files import EMAIL
from tests.stores import READ_ONLY, REFUSED_TO_READERS

ULI, BEN, NEW = ({EMAIL: f"{name}@example.com"} for name in ("uli", "ben", "new"))
NEWCOMER = {**NEW, "Display Name": "Nia New", "Location": "Toronto"}
OWN, FREE, THEIRS = "+14165550101", "+14165550161", "+12065550160"


@pytest.fixture
def carry(plan, row):
    """`carry(row, ...)` carries out, in one commit, what a file of these rows would do; the new users."""

    def write(*rows, by="Ada", **terms):
        with writing():
            return carry_out_plan(row(by), plan(*rows, **terms))

    return write


@pytest.fixture
def found(plan):
    """`found("new")` is the user with this address as they stand in the database now."""

    def read(name):
        db.session.rollback()
        return db.session.scalars(select(User).where(User.email_key == f"{name}@example.com")).one()

    return read


def events():
    return db.session.scalar(select(func.count()).select_from(AuditEvent))


def actions(person):
    return [(event.action, event.details) for event in reversed(audit.list_events_about(person))]


def test_a_new_user_is_stored_like_one_who_was_added_by_hand(carry, found, bring):
    bring(FREE)
    created, = carry({**NEWCOMER, "Phone Number": "416 555 0161", "Texting": "OFF", "Preferred Language": "en_US",
                      "Time zone": "America/Toronto", "App Version": "43.1"})
    new = found("new")
    assert (created.id, created.subject, created.active) == (new.id, audit.EventSubject.of(new), True)
    assert (new.name, new.name_key, new.account, new.password_hash) == ("Nia New", "nia new", AccountState.INVITED, "")
    assert (new.language, new.time_zone, new.app_version) == ("en", "America/Toronto", "43.1")
    assert (new.organization.name, new.location.name, new.number.e164) == ("Maple Clinic", "Toronto", FREE)
    held = toggle.current_setting(new)
    assert (held.value.on, held.version, held.by) == (False, 1, "Ada Keller")
    assert actions(new) == [("user-added", {}), ("number-assigned", {"number": FREE}),
                            ("texting", {"was": "inherit", "now": "off"})]


@pytest.mark.parametrize(("status", "account", "expected"), [
    ("", AccountState.INVITED, ["user-added"]), ("Active", AccountState.ACTIVE, ["user-added"]),
    ("Not Verified", AccountState.INVITED, ["user-added"]),
    ("Inactive", AccountState.DEACTIVATED, ["user-added", "deactivated"])])
def test_a_new_user_has_the_account_that_the_file_says(carry, found, status, account, expected):
    carry({**NEWCOMER, "User Status": status})
    assert found("new").account is account
    assert [action for action, _details in actions(found("new"))] == expected


def test_new_users_are_returned_in_the_order_of_the_file_and_nobody_else(carry, found):
    names = "zed", "amy", "moe"
    created = carry({**ULI, "App Version": "44"}, *({**NEWCOMER, EMAIL: f"{name}@example.com"} for name in names))
    assert [person.id for person in created] == [found(name).id for name in names]


def test_changes_are_stored_with_their_events(carry, found, bring):
    bring(FREE)
    was = found("uli").version
    assert carry({**ULI, "Display Name": "Üli B.", "Location": "Halifax", "Phone Number": FREE, "Texting": "ON",
                  "User Status": "Active"}) == []
    uli = found("uli")
    assert (uli.name, uli.name_key, uli.location.name, uli.version) == ("Üli B.", "uli b.", "Halifax", was + 1)
    assert uli.number.e164 == FREE
    assert db.session.scalars(select(Number).where(Number.e164 == OWN)).one().user_id is None
    assert actions(uli) == [
        ("user-changed", {"changes": [["name", "Uli Brandt", "Üli B."], ["location", "Toronto", "Halifax"]]}),
        ("number-assigned", {"number": FREE}), ("texting", {"was": "inherit", "now": "on"})]


def test_a_word_that_is_there_is_counted_on(carry, found):
    carry({**ULI, "Texting": "ON"})
    carry({**ULI, "Texting": "INHERIT"})
    held = toggle.current_setting(found("uli"))
    assert (held.value.on, held.version) == (None, 2)
    assert actions(found("uli"))[-1] == ("texting", {"was": "on", "now": "inherit"})


# --- as if by hand -------------------------------------------------------------------------------


def rename(ada, uli, name):
    users.save_user_details(ada, uli, uli.version, name, uli.email, uli.location)


def move(ada, uli, place):
    there = db.session.scalars(select(Location).where(Location.name == place)).one()
    users.save_user_details(ada, uli, uli.version, uli.name, uli.email, there)


def give(ada, uli, e164):
    held = uli.number or uli.claim
    if e164:
        numbers.assign_primary_number(ada, uli, e164, held.e164 if held else "")
    else:
        numbers.remove_primary_number(ada, uli, held.e164)


def switch(ada, uli, on):
    toggle.change_setting(ada, uli, SettingValue(on), toggle.current_setting(uli).version)


def state(uli):
    claim = uli.claim and (uli.claim.e164, uli.claim.kind, uli.claim.source, uli.claim.by_id)
    return (uli.name, uli.name_key, uli.email, uli.location.name, uli.account, uli.number and uli.number.e164, claim,
            toggle.current_setting(uli).value)


@pytest.mark.parametrize(("by_hand", "before", "after", "column", "cell"), [
    (rename, "Uli Brandt", "Üli B.", "Display Name", "Üli B."), (move, "Toronto", "Halifax", "Location", "Halifax"),
    (give, OWN, FREE, "Phone Number", FREE), (give, OWN, "+14165550177", "Phone Number", "416 555 0177"),
    (give, OWN, THEIRS, "Phone Number", THEIRS), (give, OWN, "", "Phone Number", f"REMOVE|{OWN}"),
    (give, "+14165550177", OWN, "Phone Number", OWN), (give, "+14165550177", "", "Phone Number", "REMOVE|4165550177"),
    (switch, None, True, "Texting", "ON"), (switch, None, False, "Texting", "OFF"),
    (switch, True, None, "Texting", "INHERIT")])
def test_a_row_leaves_what_a_change_by_hand_leaves(carry, found, row, bring, by_hand, before, after, column, cell):
    """The same values, and the same event of the same actor about the same user."""
    bring(FREE)
    if by_hand is not rename and by_hand is not move:
        by_hand(row("Ada"), found("uli"), before)
    by_hand(row("Ada"), found("uli"), after)
    one, left = audit.list_events_about(found("uli"))[0], state(found("uli"))
    by_hand(row("Ada"), found("uli"), before)
    assert state(found("uli")) != left
    carry({**ULI, column: cell})
    other = audit.list_events_about(found("uli"))[0]
    assert state(found("uli")) == left
    assert other.id > one.id
    assert [(event.action, event.details, event.actor_name, event.subject_ref, event.subject_name)
            for event in (other,)] == [(one.action, one.details, one.actor_name, one.subject_ref, one.subject_name)]


# --- numbers -------------------------------------------------------------------------------------


def test_numbers_are_swapped_taken_and_handed_on(carry, found):
    carry({**ULI, "Phone Number": "+14165550102"}, {**BEN, "Phone Number": OWN})
    assert found("uli").number.e164 == "+14165550102"
    carry({**NEWCOMER, "Phone Number": OWN}, {**BEN, "Phone Number": f"REMOVE|{OWN}"})
    assert found("new").number.e164 == OWN
    assert found("ben").number is None
    assert actions(found("ben"))[-1] == ("number-removed", {"number": OWN})


def test_a_claim_that_is_handed_on_is_a_new_one_with_its_source(carry, found, row):
    """A claim says who entered it; where the number comes from is true of the number."""
    carry({**NEWCOMER, "Phone Number": FREE, "Number Source": "CALLING_PLAN"}, by="Olga", operator=True)
    first = found("new").claim
    ref, kind = first.ref, first.kind
    assert (first.by_id, first.source) == (row("Olga").id, NumberSource.CALLING_PLAN)
    carry({**NEW, "Phone Number": f"REMOVE|{FREE}"}, {**ULI, "Phone Number": FREE})
    claim, = db.session.scalars(select(Claim))
    assert (claim.user_id, claim.e164, claim.kind, claim.by_id, claim.source) == (
        row("Uli").id, FREE, kind, row("Ada").id, NumberSource.CALLING_PLAN)
    assert claim.ref != ref


def test_a_number_of_another_organization_is_claimed_and_stays_with_its_user(carry, found, people):
    """Strangers get nothing: neither the number nor a word about whose it is."""
    carry({**ULI, "Phone Number": THEIRS}, {**BEN, "Phone Number": "+14165550199"})
    assert (found("uli").number, found("uli").claim.e164) == (None, THEIRS)
    assert found("otto").number.e164 == THEIRS
    assert audit.list_events_about(found("otto")) == []
    assert [actions(found(name)) for name in ("uli", "ben")] == [
        [("number-claimed", {"number": number})] for number in (THEIRS, "+14165550199")]


def test_two_organizations_may_claim_one_number(carry, found):
    carry({**ULI, "Phone Number": FREE})
    carry({EMAIL: "mia@example.com", "Phone Number": FREE}, by="Otto", organization="Harbor")
    assert found("uli").claim.e164 == found("mia").claim.e164 == FREE


def test_an_operator_certifies_numbers(carry, found):
    carry({**ULI, "Number Source": "OTHER"},
          {**NEWCOMER, "Phone Number": "4165550161", "Number Source": "CALLING_PLAN"}, operator=True)
    sources = dict(db.session.execute(select(Number.e164, Number.source).where(Number.source.is_not(None))).all())
    assert sources == {OWN: NumberSource.OTHER}
    claim = found("new").claim
    assert (claim.e164, claim.source) == (FREE, NumberSource.CALLING_PLAN)
    assert actions(found("uli")) == [("number-marked", {"number": OWN, "changes": [["source", "", "other"]]})]


# --- what is not written -------------------------------------------------------------------------


def test_rows_that_are_wrong_in_conflict_or_no_change_write_nothing(plan, row, found):
    rows = ({**ULI, "Location": "Atlantis", "App Version": "44"}, {**BEN, "App Version": "44"},
            {EMAIL: "rita@example.com", "App Version": "43.2"})
    before = events()
    with writing():
        made = plan(*rows)
        made.steps[1].conflict = True
        assert carry_out_plan(row("Ada"), made) == []
    assert [step.outcome for step in made.steps] == [RowOutcome.WRONG, RowOutcome.CONFLICT, RowOutcome.UNCHANGED]
    assert [(found(name).app_version, found(name).version) for name in ("uli", "ben", "rita")] == [("43.2", 1)] * 3
    assert events() == before


def test_a_failure_takes_everything_back(plan, row, found):
    before = events()
    with pytest.raises(RuntimeError, match="power cut"), writing():
        carry_out_plan(row("Ada"), plan(NEWCOMER, {**ULI, "Phone Number": f"REMOVE|{OWN}", "Texting": "OFF"}))
        raise RuntimeError("power cut")
    assert db.session.scalars(select(User).where(User.email == "new@example.com")).first() is None
    assert (found("uli").number.e164, toggle.current_setting(found("uli")).version) == (OWN, 0)
    assert events() == before


def test_without_a_write_transaction_nothing_is_written(plan, row):
    made = plan(NEWCOMER)
    with pytest.raises(REFUSED_TO_READERS, match=READ_ONLY):
        carry_out_plan(row("Ada"), made)
    db.session.rollback()


def test_a_new_user_without_a_location_is_a_mistake_of_the_program(plan, row):
    """A plan never says so; better nothing than a user who belongs nowhere."""
    made = ImportPlan((RowPlan(FileRow(2, "new@example.com", "Nia")),), NumberHolders({}, {}))
    with pytest.raises(RuntimeError, match="without a location"), writing():
        carry_out_plan(row("Ada"), made)


def test_many_rows_take_no_more_statements_than_few(plan, row, statements):
    """But for one that stores all new users and learns their ids."""
    counted = []
    for name, many in (("few", 3), ("many", 60)):
        rows = [{**NEWCOMER, EMAIL: f"{name}{index}@example.com", "Phone Number": f"416967{many:02}{index:02}",
                 "Texting": "OFF"} for index in range(many)]
        with writing():
            made = plan(*rows)
            with statements() as seen:
                carry_out_plan(row("Ada"), made)
        counted.append([statement.split("(")[0] for statement in seen if "INTO users" not in statement])
    assert counted[0] == counted[1]
