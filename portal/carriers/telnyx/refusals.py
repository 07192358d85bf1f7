"""What Telnyx answers when it does not take a text, and what its error codes mean."""

import re
from collections.abc import Mapping
from typing import Any

from .. import words
from ..base import OPTED_OUT_CODE, TOO_FAST_CODE, CarrierError, Fault
from ..http import HttpAnswer
from ..json_fields import list_field

KIND_NAME = "telnyx"
# What a refused request says about the text itself: 40xxx, or a field of it that is missing or no number.
_OF_THE_TEXT = re.compile(r"40\d{3}|1000[124]|10016", re.ASCII)
# Answers about the address, the account or the money: no other text would fare better.
_OF_THE_ACCOUNT = frozenset({401, 402, 403, 404, 405, 410})
# Nobody says whether the request was taken: it took too long, the same is under way, or the key came with other bytes.
_UNCLEAR = frozenset({408, 409, 422, 425})


def read_telnyx_refusal(answer: HttpAnswer) -> CarrierError:
    """What an answer other than "taken" means for the text: the error to raise, with our word for the code."""
    first, status = _first_error(answer), answer.status
    code, word = str(first.get("code", "")), word_of_telnyx_error(first)
    if not 300 <= status < 500:
        return CarrierError(words.NETWORK_TROUBLE, Fault.UNSURE)
    if word in words.WORDS:
        return CarrierError(word, words.FAULT_OF_WORD.get(word, Fault.TEXT))
    # The code for a key with other bytes is not published; what speaks of the key is about the key.
    if _OF_THE_TEXT.fullmatch(code) and b"idempotency" not in answer.body.lower():
        return CarrierError(word, Fault.TEXT)
    return _by_status(status, word or str(status))


def _first_error(answer: HttpAnswer) -> Mapping[str, Any]:
    errors = list_field(answer.read_object(), "errors")
    return errors[0] if errors and isinstance(errors[0], dict) else {}


def _by_status(status: int, code: str) -> CarrierError:
    """An answer without a code that we know. A redirect is never followed: the address is not the right one."""
    if status == 429:
        return CarrierError(TOO_FAST_CODE, Fault.LATER)
    if status < 400 or status in _OF_THE_ACCOUNT:
        return CarrierError(words.ACCOUNT, Fault.ACCOUNT)
    return CarrierError(code, Fault.UNSURE if status in _UNCLEAR else Fault.TEXT)


def word_of_telnyx_error(error: Mapping[str, Any]) -> str:
    """Our word for an error, {"code": "40300", "title": ...}, or its code where we have none.

    40300 is an opt-out unless its own words are about another block: Telnyx uses that code for more than STOP.
    """
    code = str(error.get("code", ""))
    word = words.find_word(KIND_NAME, code)
    said = f"{error.get('title') or ''}{error.get('detail') or ''}".lower()
    other_block = said and "stop" not in said and "block rule" not in said
    return code if word == OPTED_OUT_CODE and other_block else word
