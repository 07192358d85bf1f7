"""What an import has replaced, as it is kept for Undo: JSON values, by column."""

from typing import Any

from portal.models import User
from portal.rules.facts import NumberSource

from .columns import ImportColumn
from .steps import PLAIN_COLUMNS, RowChange, RowPlan


def keep_replaced(step: RowPlan) -> dict[str, list[Any]]:
    """[before, after] of every value that a step is about to change, by column; the user is not changed yet.

    Locations stand as their ids, accounts and sources as their words, numbers in E.164, settings as True, False or
    None. What a new user did not have is None.
    """
    return {change.column.value: [_value_before(step, change), _value_after(change)] for change in step.changes}


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
    return {
        ImportColumn.LOCATION: user.location_id, ImportColumn.STATUS: user.account.value,
        ImportColumn.NUMBER: number.e164 if number else "", ImportColumn.TEXTING: setting.on if setting else None,
        ImportColumn.SOURCE: number.source.value if number and number.source else None,
    }[column]


def _value_after(change: RowChange) -> Any:
    if change.column is ImportColumn.LOCATION:
        return change.value.id
    if change.column is ImportColumn.NUMBER:
        return change.value.e164 if change.value else ""
    return change.value


def keep_versions(step: RowPlan, user: User) -> dict[str, int]:
    """The versions of the user and of the setting that the import has left behind."""
    setting = (step.own_setting.version if step.own_setting else 0) + bool(step.change(ImportColumn.TEXTING))
    return {"user": user.version, "setting": setting}
