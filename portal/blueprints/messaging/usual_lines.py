"""The lines of a conversation that say no more than when they were and how they went: nearly all of them.

They look alike: each kind is written once, with places for what is a text's own.
"""

from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup

from portal.web.form_tokens import make_form_token
from portal.web.kept_parts import KeptPart, keep_part, mark_place, write_part

from . import bp
from .words import LineView


class LineKind(NamedTuple):
    """What such lines have in common, under the names that a line has for it; `reported` and `empty` as yes or no."""

    kind: str
    label: str
    looks: str
    settled: bool
    automatic: bool
    unread: bool
    empty: bool
    reported: bool


@bp.app_template_global()
def make_line_filler() -> Callable[[LineView], Markup]:
    """What writes the usual lines of one page, one at each call."""
    token, parts = make_form_token(), dict[LineKind, KeptPart]()

    def fill(one: LineView) -> Markup:
        alike = LineKind(one.kind, one.label, one.looks, one.settled, one.automatic, one.unread, one.empty,
                         bool(one.report))
        if alike not in parts:
            parts[alike] = keep_part(write_usual_line, alike)
        at = one.moment
        return parts[alike].fill({"ref": one.ref, "shown": one.shown, "address": one.address, "report": one.report,
                                  "stamp": at.stamp, "full": at.full, "clock": at.clock, "token": token})

    return fill


def write_usual_line(alike: LineKind) -> str:
    """A line of this kind with these places."""
    one = {**alike._asdict(), **{name: mark_place(name) for name in ("ref", "shown", "address")},
           "report": mark_place("report") if alike.reported else "",
           "moment": {name: mark_place(name) for name in ("stamp", "full", "clock")}}
    return write_part("messaging/_usual_line.html", one=one, token=mark_place("token"))
