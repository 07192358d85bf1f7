"""Rows of a file as the database keeps them between the dry run and the end: what they ask for, and what is said.

What is said is kept in English with its values, and translated for whoever reads it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from portal.rules import Sentence
from portal.rules.numbers import NumberProblem
from portal.rules.sentences import Plural

from .columns import ImportColumn
from .rows import FileRow, RowProblem, SourceWord, TextingWord
from .steps import RowChange, RowPlan

# What a row asks for; its problems are said, and its notes are counted for the whole file.
_ASKED = tuple(one.name for one in fields(FileRow) if one.name not in ("problems", "notes", "key"))
# Values that are more than their text: how each is kept, and read again.
_TYPED: tuple[tuple[type, str, Any, Any], ...] = (
    (NumberProblem, "number-problem", str, NumberProblem),
    (datetime, "moment", datetime.isoformat, datetime.fromisoformat),
)


def keep_step(step: RowPlan, place: int, *, together: bool = False) -> dict[str, Any]:
    """The columns of an `ImportRow` for a planned row at this place; of what is not imported only what is said."""
    user = step.user
    return {
        "position": place, "line": step.row.line, "outcome": step.outcome, "together": together,
        "leaver": step.is_leaver, "name": user.name if user else step.row.name,
        "email": user.email if user else step.row.email, "user_id": user.id if user else None,
        "asked": [getattr(step.row, name) for name in _ASKED] if step.writes else None,
        "mark": step.mark if step.writes else b"", "said": keep_said(step),
    }


def keep_said(step: RowPlan) -> list[Any]:
    """What there is to say about a row: its problems, or else what it changes."""
    if step.problems:
        return keep_problems(step.problems)
    return [[str(change.column), change.was, change.now] for change in step.changes] if step.good else []


def keep_problems(problems: Iterable[RowProblem]) -> list[Any]:
    """Problems in the form that the database keeps."""
    return [[_keep_sentence(one.sentence), {name: _keep_value(value) for name, value in one.values.items()},
             _keep_sentence(one.remedy)] for one in problems]


def read_asked(kept: Sequence[Any] | None) -> FileRow:
    """What a row asks for, as it was read from the file. Raises ValueError for a row that is not imported."""
    if kept is None:
        raise ValueError("this row is not imported")
    asked = dict(zip(_ASKED, kept, strict=True))
    texting, source = asked["texting"], asked["source"]
    return FileRow(**asked | {"texting": TextingWord(texting) if texting else None,
                              "source": SourceWord(source) if source else None})


def read_problems(said: Sequence[Any]) -> list[RowProblem]:
    """The problems of a row that is left out."""
    return [RowProblem(_read_sentence(sentence), {name: _read_value(value) for name, value in values.items()},
                       _read_sentence(remedy)) for sentence, values, remedy in said]


def read_changes(said: Sequence[Any]) -> list[RowChange]:
    """The changes of a row, as they are shown."""
    return [RowChange(ImportColumn(column), was, now, None) for column, was, now in said]


def _keep_sentence(sentence: Sentence) -> str | list[str]:
    return [sentence.one, sentence.many, sentence.count] if isinstance(sentence, Plural) else str(sentence)


def _read_sentence(kept: str | list[str]) -> Sentence:
    return kept if isinstance(kept, str) else Plural(*kept)


def _keep_value(value: Any) -> Any:
    return next(({name: keep(value)} for kind, name, keep, _read in _TYPED if isinstance(value, kind)), value)


def _read_value(kept: Any) -> Any:
    if not isinstance(kept, Mapping):
        return kept
    (name, value), = kept.items()
    return next(read(value) for _kind, typed, _keep, read in _TYPED if typed == name)
