"""A user's standing: one of four states, with the same names on every page."""

from dataclasses import dataclass
from enum import StrEnum

from .decision import Act, Decision, Reason
from .facts import Facts, Restraint
from .service import decide


class UserState(StrEnum):
    """Whether a user can text. "Not eligible" is not the same as "off"."""

    CAN_TEXT = "can-text"
    RECEIVE_ONLY = "receive-only"
    OFF = "off"
    NOT_AVAILABLE = "not-available"


TOGGLE = "texting-off"


@dataclass(frozen=True, slots=True)
class Standing:
    """The state, whether texts are slowed, and the decisions about having texting and about sending."""

    state: UserState
    slowed: bool
    use: Decision
    send: Decision

    @property
    def decision(self) -> Decision:
        """The decision that explains the state: about having texting if that fails, else about sending."""
        return self.send if self.use.allowed else self.use

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """All reasons against having texting or against sending, each rule once."""
        once = {reason.id: reason for reason in (*self.use.reasons, *self.send.reasons)}
        return tuple(once.values())

    @property
    def eligible(self) -> bool:
        """Whether everything but the toggle is in order."""
        return self.state is not UserState.NOT_AVAILABLE


def state_from_decisions(use: Decision, send: Decision) -> UserState:
    """The state that follows from the two decisions about a user."""
    in_the_way = {reason.id for reason in use.blocking}
    if in_the_way - {TOGGLE}:
        return UserState.NOT_AVAILABLE
    if in_the_way:
        return UserState.OFF
    return UserState.CAN_TEXT if send.allowed else UserState.RECEIVE_ONLY


def standing_from_facts(facts: Facts) -> Standing:
    """The standing of the user whom these facts describe; they hold neither recipient nor text."""
    use, send = decide(Act.USE, facts), decide(Act.SEND, facts)
    slowed = any(one.restraint is Restraint.THROTTLE for one in facts.restrictions or ())
    return Standing(state_from_decisions(use, send), slowed, use, send)
