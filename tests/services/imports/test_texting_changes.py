"""Texting of imported users: what the rules say to a change by hand they say to the row of a file."""

from itertools import product

import pytest

from portal import wording
from portal.extensions import db, writing
from portal.models import Location, Organization, Setting
from portal.rules.switches import Level
from portal.services.imports.columns import ImportColumn
from portal.services.imports.rows import FileRow, RowProblem, TextingWord
from portal.services.imports.steps import RowOutcome, RowPlan
from portal.services.imports.texting_changes import SETTING_BY_WORD, WORD_BY_SETTING, TextingJudge
from portal.services.toggles import toggle
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.toggle import SettingValue
from tests.data.files import EMAIL

pytestmark = pytest.mark.usefixtures("open_app")
ULI, BEN = ({EMAIL: f"{name}@example.com"} for name in ("uli", "ben"))
SILENT, ON, OFF = SettingValue(None), SettingValue(True), SettingValue(False)
LOCKED_ON, LOCKED_OFF = (SettingValue(on, locked=True, reason="One rule for all.") for on in (True, False))


def said(step):
    return [problem.sentence % problem.values for problem in step.problems]


def judged(person, word, administers=True, location=None):
    """The row of a file that asks for this word of texting for a person, after the rules were asked."""
    own = db.session.get(Setting, (Level.USER, person.id))
    step = RowPlan(FileRow(2, person.email, texting=word), person, location or person.location, own_setting=own)
    TextingJudge(OrganizationSnapshot.read(person.organization_id), administers).consider(step)
    return step


def by_hand(actor, person, word):
    """The problems that the page of the user would tell the actor about the same change."""
    decision = toggle.judge_change(actor, person, SettingValue(SETTING_BY_WORD[word]))
    return [RowProblem(reason.rule.notice or reason.rule.limitation, reason.values, reason.rule.remedy)
            for reason in decision.blocking]


ABOVE = [SILENT, ON, OFF, LOCKED_ON, LOCKED_OFF]


@pytest.mark.parametrize(("actor", "person"), [("Ada", "Uli"), ("Otto", "Uli"), ("Otto", "Mia")])
@pytest.mark.parametrize("broad", ABOVE)
def test_a_row_is_judged_like_a_change_by_hand(row, actor, person, broad):
    """Whoever asks, whatever is set above, whether the HIPAA notice is confirmed (Maple) or not (Harbor)."""
    person, actor = row(person), row(actor)
    administers = actor.admin and actor.organization_id == person.organization_id
    for narrow, own in product(ABOVE, [SILENT, ON, OFF]):
        with writing():
            toggle.write_setting(None, person.organization, broad)
            toggle.write_setting(None, person.location, narrow)
            toggle.write_setting(None, person, own)
        for word in TextingWord:
            step = judged(person, word, administers)
            if own.on is SETTING_BY_WORD[word]:
                assert (step.changes, step.problems) == ([], [])
            else:
                assert step.problems == by_hand(actor, person, word)
                change, = step.changes
                assert (change.column, change.value) == (ImportColumn.TEXTING, SETTING_BY_WORD[word])
                assert (change.was, change.now) == (WORD_BY_SETTING[own.on], word)


def test_a_row_without_a_word_asks_nobody(row, statements):
    snapshot = OrganizationSnapshot.read(row("Uli").organization_id)
    step = RowPlan(FileRow(2, "uli@example.com"), row("Uli"))
    with statements() as seen:
        TextingJudge(snapshot, administers=False).consider(step)
    assert (step.changes, step.problems, seen) == ([], [], [])


def test_every_word_has_its_setting_and_back():
    assert [WORD_BY_SETTING[SETTING_BY_WORD[word]] for word in TextingWord] == list(TextingWord)


def test_strangers_change_nobody_and_read_why(row):
    """Nor does an auditor, nor an operator."""
    for word in (TextingWord.ON, TextingWord.OFF):
        step = judged(row("Uli"), word, administers=False)
        assert said(step) == ["You are not an administrator of this organization."]
        assert step.outcome is RowOutcome.WRONG


def test_the_rules_are_asked_once_for_each_kind_of_change(row, monkeypatch):
    asked = []
    monkeypatch.setattr("portal.services.imports.texting_changes.decide",
                        lambda act, facts: asked.append(facts) or toggle.decide(act, facts))
    judge = TextingJudge(OrganizationSnapshot.read(row("Uli").organization_id), administers=True)
    for word in [*TextingWord] * 50:
        step = RowPlan(FileRow(2, "new@example.com", texting=word), location=row("Uli").location)
        judge.consider(step)
    assert [facts.change.on for facts in asked] == [True, False], "INHERIT changes nothing for a new user"


def test_a_row_without_a_location_meets_what_holds_for_the_organization(row, organizations):
    """A location that does not exist is told already; the word is judged all the same."""
    maple = db.session.get_one(Organization, organizations["Maple"].id)
    with writing():
        toggle.write_setting(None, maple, LOCKED_OFF)
    step = RowPlan(FileRow(2, "new@example.com", texting=TextingWord.ON))
    TextingJudge(OrganizationSnapshot.read(maple.id), administers=True).consider(step)
    assert step.problems[0].values["place"] == maple.name


# --- in a file -----------------------------------------------------------------------------------


def only(plan):
    step, = plan.steps
    return step


def test_without_the_hipaa_notice_nobody_is_turned_on(plan):
    mia = {EMAIL: "mia@example.com"}
    on, off, inherit = (only(plan({**mia, "Texting": word}, organization="Harbor"))
                        for word in ("ON", "OFF", "INHERIT"))
    assert "HIPAA" in said(on)[0]
    assert on.problems[0].remedy
    assert (off.outcome, inherit.outcome) == (RowOutcome.CHANGED, RowOutcome.UNCHANGED)


def test_a_lock_above_is_named_in_the_rows_that_say_otherwise(plan, row, organizations, app):
    ada, maple = row("Ada"), db.session.get_one(Organization, organizations["Maple"].id)
    with writing():
        toggle.write_setting(ada, row("Ben"), OFF)
        toggle.write_setting(ada, maple, LOCKED_ON)
    turned, kept, back = plan({**ULI, "Texting": "OFF"}, {**BEN, "Texting": "OFF"},
                              {EMAIL: "rita@example.com", "Texting": "INHERIT"}).steps
    with app.test_request_context():
        assert "One rule for all." in wording.translate_sentence(turned.problems[0].sentence, turned.problems[0].values)
    assert (kept.outcome, back.outcome) == (RowOutcome.UNCHANGED, RowOutcome.UNCHANGED)
    assert only(plan({**BEN, "Texting": "INHERIT"})).outcome is RowOutcome.CHANGED


def test_who_moves_meets_the_lock_of_where_they_go(plan, row, locations):
    halifax = db.session.get_one(Location, locations["Halifax"].id)
    with writing():
        toggle.write_setting(row("Ada"), halifax, LOCKED_OFF)
    there = only(plan({**ULI, "Location": "Halifax", "Texting": "ON"}))
    assert there.outcome is RowOutcome.WRONG
    assert only(plan({**ULI, "Texting": "ON"})).outcome is RowOutcome.CHANGED
