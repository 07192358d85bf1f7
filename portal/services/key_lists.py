"""Conditions with long lists of values."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, select

from portal.dialects import json_values


def is_among(column: Any, values: Collection[str] | Collection[int]) -> ColumnElement[bool]:
    """Whether a column has one of these values: one parameter, however many they are."""
    found: ColumnElement[bool] = column.in_(select(json_values(json.dumps(list(values)), column.type)))
    return found
