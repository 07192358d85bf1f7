"""Conditions with long lists of values."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, func, select


def is_among(column: SQLColumnExpression[Any], values: Collection[str] | Collection[int]) -> ColumnElement[bool]:
    """Whether a column has one of these values: one parameter, however many they are."""
    return column.in_(select(func.json_each(json.dumps(list(values))).table_valued("value").c.value))
