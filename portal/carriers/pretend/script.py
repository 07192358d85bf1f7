"""How the pretend carrier answers, by the last digits of the number, in any area code of the +1 plan.

555-0110 to 0149 deliver. 0150 cannot be reached, 0151 is refused as spam, 0152 never gets a receipt, 0153 is
delivered and answers STOP, but not to what it gets in answer, 0154 answers in French, 0155 fails twice and then
works, 0156 gets its receipt twice. To 0157 the carrier takes nothing, because it heard a STOP itself, and of 0158 it
says so in a receipt. Every other number delivers.
"""

import re
from dataclasses import dataclass

from ..base import OPTED_OUT_CODE


@dataclass(frozen=True, slots=True)
class ScriptedOutcome:
    """What becomes of a text: receipts as (status, code), the words that come back, what goes wrong before.

    `once`: what comes within a minute after another text of the same sender, as an answer does, is not answered.
    `refused` is the code with which it is never taken; `failures` counts the tries that fail before one works.
    """

    receipts: tuple[tuple[str, str], ...] = (("delivered", ""),)
    reply: str = ""
    refused: str = ""
    failures: int = 0
    once: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is the same whatever was tried or sent before."""
        return not (self.refused or self.failures or self.once)


DELIVERED = ScriptedOutcome()
OUTCOME_BY_ENDING = {
    "50": ScriptedOutcome(receipts=(("undelivered", "unreachable"),)),
    "51": ScriptedOutcome(refused="spam"),
    "52": ScriptedOutcome(receipts=()),
    "53": ScriptedOutcome(reply="STOP", once=True),
    "54": ScriptedOutcome(reply="Bonjour, merci de votre message."),
    "55": ScriptedOutcome(failures=2),
    "56": ScriptedOutcome(receipts=(("delivered", ""), ("delivered", ""))),
    "57": ScriptedOutcome(refused=OPTED_OUT_CODE),
    "58": ScriptedOutcome(receipts=(("undelivered", OPTED_OUT_CODE),)),
}
_SCRIPTED = re.compile(r"\+1[2-9][0-9]{2}55501([0-9]{2})")


def find_scripted_outcome(number: str) -> ScriptedOutcome:
    """What becomes of a text to this number (E.164)."""
    found = _SCRIPTED.fullmatch(number)
    return OUTCOME_BY_ENDING.get(found[1], DELIVERED) if found else DELIVERED
