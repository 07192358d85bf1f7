"""The rows of the list of users: written once for all of whom the same is said, with places for what is their own."""

from collections.abc import Sequence
from typing import Any

from flask_login import current_user
from markupsafe import Markup

from portal.web.form_tokens import make_form_token
from portal.web.kept_parts import KeptPart, keep_part, mark_place, write_part
from portal.wording import StateLabel
from portal.wording.texts import display_number

from .shown import UserLine

# The values that each row has for itself.
PLACES = ("ref", "name", "number", "place", "why", "locked", "version", "token")


def fill_user_lines(lines: Sequence[UserLine]) -> Markup:
    """The rows, one below the other."""
    admin, token = bool(current_user.admin), make_form_token()
    parts: dict[Any, KeptPart] = {}
    rows = []
    for one in lines:
        alike = bool(one.number), one.claimed, one.said
        if alike not in parts:
            parts[alike] = keep_part(write_user_line, admin, bool(one.number), one.claimed, one.said.state,
                                     one.said.on, bool(one.said.locked))
        rows.append(parts[alike].fill({
            "ref": one.user.ref, "name": one.user.name, "number": display_number(one.number), "place": one.place,
            "why": one.said.why, "locked": one.said.locked, "version": str(one.version), "token": token}))
    return Markup("".join(rows))  # noqa: S704 - rows are markup


def write_user_line(admin: bool, numbered: bool, claimed: bool, state: StateLabel, on: bool, is_locked: bool) -> str:
    """The row for an administrator or an auditor, of a user with or without a number, with these places."""
    return write_part("admin/_user_line.html", admin=admin, numbered=numbered, claimed=claimed, state=state, on=on,
                      is_locked=is_locked, **{name: mark_place(name) for name in PLACES})
