"""What came of pressing Undo."""

from dataclasses import dataclass
from enum import StrEnum

from portal.models import AuditEvent, UndoKind
from portal.rules import Decision

from ..audit import EventSubject
from ..refusals import Clash


class UndoResult(StrEnum):
    """Done; or nothing happened: it has been changed since, was undone before, is too late, or a rule refuses it."""

    DONE = "done"
    CHANGED_SINCE = "changed-since"
    DONE_BEFORE = "done-before"
    TOO_LATE = "too-late"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Undone:
    """The answer to Undo; `subject` is the user, location or organization that the change was about.

    `since` is the event that stands in between, `by` who undid it before. `decision` or `clash` say why it is refused.
    `now` says in a word what holds after it: a setting ("on", "off-locked" ...), a number in E.164 ("" for none), the
    state of an account; `waits` that the number waits for an operator. `member` is who answers for a deactivated person
    again, or does not any more; `old_address` is the address that a person had until now. `stopped` counts texts that
    were stopped since and stay so. Of a change of many, `many` were changed back and `left` names those whom others
    have changed since.
    """

    result: UndoResult
    kind: UndoKind
    subject: EventSubject
    since: AuditEvent | None = None
    by: str = ""
    decision: Decision | None = None
    clash: Clash | None = None
    now: str = ""
    waits: bool = False
    member: str = ""
    old_address: str = ""
    stopped: int = 0
    many: int = 0
    left: tuple[str, ...] = ()
