"""Rows of opt-outs in the spellings of many systems, and what is wrong with a row."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from portal import lengths
from portal.extensions import db, now
from portal.models import OptOut, OptOutSource, OptOutState
from portal.services.imports import UnreadableFile, optout_files, optout_rows, reading
from portal.services.imports.optout_files import OptOutOutcome
from portal.services.texting import optouts
from tests.reports import number


def held():
    db.session.rollback()
    return {one.theirs: one for one in db.session.scalars(select(OptOut))}


@pytest.mark.parametrize("content", [
    "Number,When,How\n+1 647 556 0001,2025-03-31,STOP\n",
    "Numéro de téléphone;Date;Comment\n(647) 556-0001;31/03/2025;arrêt\n".encode("cp1252"),
    "Teléfono;Fecha;Cómo\n647-556-0001;2025-03-31;STOP\n".encode("utf-16"),
    "Telefonnummer\tDatum\tWie\n16475560001\t31.03.2025\tSTOP\n",
    "\ufeffPhone,Opted out at,Method\n6475560001,03/31/2025,Keyword\n",
    ('"Number","State","Since (UTC)","How","Source"\n"\'+16475560001","Opted out","2025-03-31T23:59:00+00:00",'
     '"They texted STOP",""\n'),
])
def test_files_of_many_systems(carry, content):
    carry(content)
    (row,) = held().values()
    assert (row.theirs, row.state, row.source) == (number(1), OptOutState.OUT, OptOutSource.STOP)
    assert row.said_at == datetime(2025, 3, 31, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize(("how", "source", "note"), [
    ("STOP", "stop", ""), ("carrier", None, ""), ("web", "web", ""), ("wording", "wording", ""),
    ("manual", "manual", ""), ("sms", "manual", "sms"), ("", "manual", ""),
    ("called on Monday", "manual", "called on Monday")])
def test_how_it_was_said(carry, how, source, note):
    carry(f"Number,How\n{number(1)},{how}\n")
    row = held()[number(1)]
    assert row.source.value == source if source else row.source not in optouts.WITHDRAWABLE
    assert row.note == note
    assert optouts.can_withdraw_optout(row) is (source in ("web", "wording", "manual"))


@pytest.mark.parametrize(("line", "said"), [
    ("12,2025-01-01,STOP", "not a phone number"), (",2025-01-01,STOP", "not a phone number"),
    ("12345,2025-01-01,STOP", "not a phone number"), (f"{number(1)},soon,STOP", "cannot be read"),
    (f"{number(1)},2999-01-01,STOP", "still to come"), (f"{number(1)},0001-01-01,STOP", "cannot be read"),
    (f"{number(1)},2025-02-31,STOP", "cannot be read"), ("Erased on request,,STOP", "erased")])
def test_what_is_wrong_is_said_with_its_line_and_what_to_do(store, carry, line, said):
    content = f"Number,When,How\n{line}\n{number(2)},,STOP\n"
    step = optout_files.plan_optout_file(store(content)).steps[0]
    assert (step.outcome, step.row.line) == (OptOutOutcome.WRONG, 2)
    assert said in step.problem.sentence
    assert step.problem.remedy
    assert carry(content)["created"] == 1
    assert list(held()) == [number(2)]


@pytest.mark.parametrize("content", ["", "Name\nJane\n", "Number\n", b"PK\x03\x04", "Number\n" + "1\n" * 50_001])
def test_files_that_are_none(store, content):
    with pytest.raises(UnreadableFile):
        store(content)


@pytest.mark.parametrize("column", ["Number", "State", "When", "How", "Note"])
@pytest.mark.parametrize("sign", ["\ufdfa", "\u0301", "x"])
def test_no_more_of_a_cell_is_folded_than_can_mean_something(column, sign, monkeypatch):
    """One sign can stand for eighteen letters: ten megabytes of them took two minutes at each look."""
    seen, folded = [0], []
    for name, kept in (("tidy_line", seen), ("fold_text", folded)):
        own = getattr(optout_rows, name)
        monkeypatch.setattr(optout_rows, name, lambda text, own=own, kept=kept: (kept.append(text), own(text))[1])
    cells = {"Number": number(1), column: sign * 40_000}
    content = f"{','.join(cells)}\n{','.join(cells.values())}\n".encode()
    optout_rows.read_optout_rows(reading.read_sheet(content, optout_rows.OPTOUT_SHEET), now())
    assert max(map(len, filter(None, seen))) <= lengths.TYPED_NUMBER + 1
    assert all(sign not in text for text in folded)


def test_a_file_in_which_too_many_rows_are_wrong_is_another_file(store, monkeypatch):
    monkeypatch.setattr(optout_rows, "MOST_WRONG", 2)
    rows = [number(1), "nobody", "nothing", "none"]
    assert len(optout_files.plan_optout_file(store("\n".join(["Number", *rows[:3]]))).of(OptOutOutcome.WRONG)) == 2
    with pytest.raises(UnreadableFile) as refused:
        store("\n".join(["Number", *rows]))
    assert refused.value.values == {"most": 2, "line": "5"}


def test_notes_are_tidied_when_they_are_stored(carry):
    carry(f"Number,Note\n{number(1)},\u200bIn\u00a0 a letter\t{'x' * 300}\n")
    (row,) = held().values()
    assert row.note.startswith("In\u00a0 a letter x")
    assert len(row.note) == lengths.OPT_OUT_NOTE
    said = optout_rows.OptOutRow(2, note="\u200bBy  phone\n")
    assert optout_rows.tidy_note(said).note == "By  phone"
