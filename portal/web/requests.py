"""What addresses and forms carry, read the same way everywhere."""

from flask import request

# More than any list holds, and still a number that a database can compare with.
LAST_POSITION = 2**62


def read_list_position(name: str) -> int | None:
    """A position in a list, from the address or the form; None when none was given. Never below 0 or out of range."""
    value = request.values.get(name, type=int)
    return None if value is None else min(max(value, 0), LAST_POSITION)
