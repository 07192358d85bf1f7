"""What an import has replaced, as it is kept for Undo: JSON values, by column."""

from typing import Any

from portal.rules.facts import NumberSource

from .columns import ImportColumn
from .known_people import KnownClaim, KnownNumber
from .steps import PLAIN_COLUMNS, RowChange, RowPlan
from .writing import Person


def keep_replaced(step: RowPlan) -> dict[str, list[Any]]:
    """[before, after] of every value that a step is about to change, by column; the user is not changed yet.

    Locations stand as their ids, accounts and sources as their words, numbers in E.164, settings as True, False or
    None. What a new user did not have is None.
    """
    return {str(change.column): [_value_before(step, change), _value_after(change)] for change in step.changes}


def _value_before(step: RowPlan, change: RowChange) -> Any:
    if step.user is None:
        return None
    if change.column is ImportColumn.SOURCE:
        # That of the number which the user gets in the same row, where there is one.
        return NumberSource[change.was].value if change.was else None
    return present_value(step, change.column)


def present_value(step: RowPlan, column: ImportColumn) -> Any:
    """The value that the user of a step has now, in the same form."""
    user, number, setting = step.user, step.current_number, step.own_setting
    if user is None:
        return None
    if column in PLAIN_COLUMNS:
        return getattr(user, PLAIN_COLUMNS[column])
    if column is ImportColumn.LOCATION:
        return user.location_id
    if column is ImportColumn.STATUS:
        return str(user.account)
    if column is ImportColumn.TEXTING:
        return setting.on if setting else None
    return _value_of_number(column, number)


def _value_of_number(column: ImportColumn, number: KnownNumber | KnownClaim | None) -> str | None:
    if column is ImportColumn.SOURCE:
        return str(number.source) if number and number.source else None
    return number.e164 if number else ""


def _value_after(change: RowChange) -> Any:
    if change.column is ImportColumn.LOCATION:
        return change.value.id
    if change.column is ImportColumn.NUMBER:
        return change.value.e164 if change.value else ""
    return change.value


def keep_versions(step: RowPlan, person: Person) -> dict[str, int]:
    """The versions of the user and of the setting that the import has left behind."""
    setting = (step.own_setting.version if step.own_setting else 0) + bool(step.change(ImportColumn.TEXTING))
    return {"user": person.version, "setting": setting}
