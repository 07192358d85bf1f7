"""What came by the lines, on its way to the portal: stored first, answered then.

The lines go on while the portal stores, so a slow database makes no center lose its patience with a line.
"""

import logging
import queue
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ..base import CarrierNews, CarrierReceipt, CarrierStatus, Fault, IncomingText
from .incoming import read_text
from .pdu import ANSWER_BIT, BrokenPdu, Command, CommandStatus, Pdu, read_message_id, read_short_message
from .repetition import HeardTexts
from .reports import is_receipt, read_receipt
from .session import CenterSession
from .settings import CenterSettings
from .statuses import judge_status
from .unsettled import UnsettledTexts

log = logging.getLogger("portal.carriers.smpp")

# So many wait at most; a center that tells more is asked to keep them. As many are stored together.
_MOST_WAITING, _MOST_TOGETHER = 256, 64

Tell = Callable[[list[CarrierNews]], None]


@dataclass(slots=True)
class _Arrived:
    """A PDU that waits for its answer, what it says, and the answer when it is known. An answer of ours has neither."""

    pdu: Pdu
    session: CenterSession | None = None
    reference: str = ""
    news: CarrierNews | None = None
    status: int | None = None


class Teller:
    """Takes what lines hear, from their threads, and tells it in another. `own`: whether a number is the portal's."""

    def __init__(self, ref: str, center: CenterSettings, heard: HeardTexts, unsettled: UnsettledTexts,
                 own: Callable[[str], bool]) -> None:
        self._ref, self._center, self._heard, self._unsettled, self._own = ref, center, heard, unsettled, own
        self._waiting: queue.Queue[_Arrived] = queue.Queue(_MOST_WAITING)

    def hear(self, session: CenterSession, pdu: Pdu) -> bool:
        """Take a text or a receipt; False when there is no room."""
        return self._put(_Arrived(pdu, session))

    def hear_late(self, reference: str, pdu: Pdu) -> None:
        """Take the late answer to a text that was given up; without room for it the text stays unclear."""
        if reference:
            self._put(_Arrived(pdu, reference=reference))

    def tell_waiting(self, tell: Tell, seconds: float) -> None:
        """Tell what waits, wait so long for the first; then answer each. Nothing that came can make this raise."""
        batch = [one for one in self._take_waiting(seconds) if one.session is None or one.session.ended is None]
        for one in batch:
            self._read(one)
        self._tell_ready(tell, [one for one in batch if one.news])
        for one in batch:
            self._answer(one)

    def drop_waiting(self) -> None:
        """Forget what waits: it was not answered, so its center tells it again."""
        while not self._waiting.empty():
            self._waiting.get_nowait()

    def _put(self, one: _Arrived) -> bool:
        try:
            self._waiting.put_nowait(one)
        except queue.Full:
            return False
        return True

    def _take_waiting(self, seconds: float) -> list[_Arrived]:
        batch: list[_Arrived] = []
        with suppress(queue.Empty):
            batch.append(self._waiting.get(timeout=seconds))
            while len(batch) < _MOST_TOGETHER:
                batch.append(self._waiting.get_nowait())
        return batch

    def _read(self, one: _Arrived) -> None:
        """Find out what a PDU says; what can never be read is refused for good, and only then."""
        try:
            one.news = self._news_of(one)
        except BrokenPdu:
            log.warning("smpp_unreadable", extra={"fields": {"carrier": self._ref}})
            one.status = CommandStatus.NEVER_AGAIN
        except Exception as error:  # noqa: BLE001 - one that breaks us must not end the line for the others
            log.warning("smpp_not_read", extra={"fields": {"carrier": self._ref, "error": type(error).__name__}})
            one.status = CommandStatus.TRY_AGAIN

    def _news_of(self, one: _Arrived) -> CarrierNews | None:
        if one.session is None:
            return self._read_late(one)
        message = read_short_message(one.pdu)
        if is_receipt(message):
            return self._unsettled.add_reference(read_receipt(message, self._center), message)
        text_id = self._heard.find_id(one.session, message, one.pdu.body)
        return read_text(message, text_id, self._center.alphabet, self._own)

    def _read_late(self, one: _Arrived) -> CarrierReceipt | None:
        """What a late answer says of an unclear text: taken, or refused for good. "Try later" cannot be obeyed now."""
        if one.pdu.command == Command.SUBMIT_SM | ANSWER_BIT and one.pdu.status == CommandStatus.OK:
            text_id = self._center.same_id(read_message_id(one.pdu.body), in_receipt=False)
            if text_id:
                self._unsettled.link_id(text_id, one.reference)
            return CarrierReceipt("late answer", CarrierStatus.SENT, one.reference, text_id)
        judged = judge_status(one.pdu.status, self._center)
        status = CarrierStatus.FAILED if judged.fault is Fault.TEXT else None
        return CarrierReceipt("late answer", status, one.reference, code=judged.code)

    def _tell_ready(self, tell: Tell, ready: list[_Arrived]) -> None:
        """Tell all in one go; if that fails, each alone: one that cannot be stored must not keep the others from it."""
        if ready and not self._is_told(tell, ready) and len(ready) > 1:
            for one in ready:
                self._is_told(tell, [one])

    def _is_told(self, tell: Tell, some: list[_Arrived]) -> bool:
        try:
            tell([one.news for one in some if one.news])
        except Exception as error:  # noqa: BLE001 - whatever kept the portal from storing, the center is asked again
            log.warning("smpp_not_stored", extra={"fields": {"carrier": self._ref, "error": type(error).__name__}})
            status = CommandStatus.TRY_AGAIN
        else:
            status = CommandStatus.OK
        for one in some:
            one.status = status
        return status == CommandStatus.OK

    def _answer(self, one: _Arrived) -> None:
        status = CommandStatus.OK if one.status is None else one.status
        if isinstance(one.news, IncomingText):
            self._heard.note_outcome(one.news.id, stored=status == CommandStatus.OK)
        if one.session:
            one.session.answer(one.pdu, status)
