"""Ids for texts that have none: SMPP gives a text that comes in no id, and a center tells it again when in doubt.

Two things look the same on the wire and must not be mixed up. A person texts "yes" twice: two texts. The center tells
one "yes" twice, because the line was lost, or this process was killed, between our commit and our answer: one text,
and it must get the id that it had, so that the portal sees that it has it.

What tells them apart is whether the center may have missed our answer to the first:

- On one session, an equal text after our answer is new: whoever hears us does not repeat itself. One that comes
  while we have not answered is a repetition if it comes late, after a center's own patience; at once it is new,
  for a center that was cut off delivers all that waited in one go. One that we asked for again is the same.
- On a later session it is a repetition if our answer was given in the last moments of the former session, where it
  may have been lost on its way; if it was given long before the end, it was heard.
- After a restart nobody remembers. Then the portal's own texts are asked: an equal one that was stored two minutes ago
  at most makes this one a repetition.
- Once a person has texted something new on this session, nothing of theirs is a repetition of an earlier session: of
  START, STOP on a new line after a STOP on the old one, both count.

The error that is left is small and on the side of showing less: the very same words, from the same person, within
minutes around a lost line, and first on the new one. The other one, a text shown twice, is left where a center waits
longer than minutes before it tells a text again.
"""

import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from .pdu import ShortMessage
from .session import CenterSession

# A center waits so long at least for an answer before it tells a text again on the same session.
CENTER_PATIENCE_SECONDS = 5.0
# An answer that was given so long before the end of a session was heard.
SURELY_HEARD_SECONDS = 30.0
# A center that lost the line tells again what was not answered, for so long after it was stored. After a restart we
# only guess that it was not answered, so less long.
TOLD_AGAIN_SECONDS, TOLD_AGAIN_AFTER_RESTART = 300.0, timedelta(minutes=2)
_MOST_REMEMBERED = 10_000
_MARK_DIGITS = 24

K = TypeVar("K")
V = TypeVar("V")
FindArrival = Callable[[str], tuple[str, datetime] | None]


@dataclass(slots=True)
class _Heard:
    """A text as it was heard last: its id, when and where, and whether the portal has it (None: not yet known)."""

    id: str
    at: float
    session: CenterSession
    stored: bool | None = None
    answered_at: float = 0.0


class HeardTexts:
    """Finds the id of each text that comes in. Used by one thread.

    `key` hides words and numbers in the ids, which are kept longer than they are. `find_arrival` gives id and moment
    of the newest text of this carrier whose id begins so.
    """

    def __init__(self, key: bytes, find_arrival: FindArrival, clock: Callable[[], datetime]) -> None:
        self._key, self._find_arrival, self._clock = key, find_arrival, clock
        self._heard: OrderedDict[str, _Heard] = OrderedDict()
        self._talks: OrderedDict[tuple[str, str], CenterSession] = OrderedDict()
        self._last = 0

    def find_id(self, session: CenterSession, message: ShortMessage, body: bytes) -> str:
        """The id of a text, heard now on a session; `body` is all of its PDU but the head.

        Passes on what `find_arrival` raises.
        """
        mark = hmac.new(self._key, body, hashlib.sha256).hexdigest()[:_MARK_DIGITS]
        talk = (message.source, message.dest)
        known = self._find_known(session, mark, talk)
        if known is None:
            _remember(self._talks, talk, session)
        found = known or self._new_id(mark)
        _remember(self._heard, mark, _Heard(found, time.monotonic(), session))
        return found

    def note_outcome(self, text_id: str, *, stored: bool) -> None:
        """Remember whether the portal has a text, and so what the center hears now."""
        heard = self._heard.get(text_id.partition("-")[0])
        if heard and heard.id == text_id:
            heard.stored, heard.answered_at = stored, time.monotonic()

    def _new_id(self, mark: str) -> str:
        self._last = max(self._last + 1, int(self._clock().timestamp() * 1000))
        return f"{mark}-{self._last:x}"

    def _find_known(self, session: CenterSession, mark: str, talk: tuple[str, str]) -> str | None:
        """The id of the text that this one repeats, None when it is new."""
        heard = self._heard.get(mark)
        if heard and heard.session is session:
            return heard.id if _is_same_session_again(heard) else None
        if self._talks.get(talk) is session:
            return None
        return self._find_former(mark, heard)

    def _find_former(self, mark: str, heard: _Heard | None) -> str | None:
        """The id of an equal text of an earlier session whose answer the center may have missed."""
        if heard:
            return heard.id if _may_be_unheard(heard) else None
        found = self._find_arrival(f"{mark}-")
        return found[0] if found and self._clock() - found[1] < TOLD_AGAIN_AFTER_RESTART else None


def _is_same_session_again(heard: _Heard) -> bool:
    if heard.stored is None:
        return time.monotonic() - heard.at >= CENTER_PATIENCE_SECONDS
    return not heard.stored


def _may_be_unheard(heard: _Heard) -> bool:
    """Whether a center may have missed the answer to a text of a session that is over."""
    if not heard.stored:
        return True
    ended = time.monotonic() if heard.session.ended is None else heard.session.ended
    is_recent = time.monotonic() - heard.answered_at < TOLD_AGAIN_SECONDS
    return is_recent and ended - heard.answered_at < SURELY_HEARD_SECONDS


def _remember(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _MOST_REMEMBERED:
        kept.popitem(last=False)
