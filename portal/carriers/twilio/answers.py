"""Asking Twilio, and what its answers mean: an id, a list, a balance, or whose fault a refusal is."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from ..base import SEND_SECONDS, TOO_FAST_CODE, CarrierError, Fault, OutgoingText
from ..http import HttpAnswer, HttpClient
from ..words import ACCOUNT, FAULT_OF_WORD, WORD_OF_CODE, find_word

UNREADABLE = "unreadable-answer"
# Refusals of what an operator typed here or set up there, and no text could pass: an address or an account that is not
# there (20404), an address for receipts that Twilio does not like (21609), a messaging service without this number.
SETUP_CODES = frozenset({"20404", "21609", "21701", "21703"})
# Of an account on trial, which texts only people who have confirmed their number. Others must not wait for that.
TRIAL_CODE = "21608"
# The same by status, for carriers with other codes, and for addresses that lead elsewhere.
SETUP_STATUSES = frozenset({401, 402, 403, 404, 405, 407})
LONGEST_LIST = 1000
LONGEST_ID = 64
_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,8})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")


class Asking:
    """The resources of one account. `by_key`: we sign in with an API key, which may not read the account itself."""

    def __init__(self, http: HttpClient, account: str, authorization: str, *, by_key: bool) -> None:
        self._http, self._by_key = http, by_key
        self._account = f"/2010-04-01/Accounts/{account}"
        self._headers = {"authorization": authorization, "accept": "application/json"}

    def create_text(self, form: Mapping[str, str]) -> str:
        """Create a text; its id. Raises CarrierError."""
        headers = {**self._headers, "content-type": "application/x-www-form-urlencoded"}
        answer = self._http.ask("POST", f"{self._account}/Messages.json", headers=headers,
                                body=urlencode(form, errors="replace").encode())
        if not 200 <= answer.status < 300:
            raise read_refusal(answer)
        told = answer.read_object().get("sid")
        if not isinstance(told, str) or not 0 < len(told) <= LONGEST_ID:
            raise CarrierError(UNREADABLE, Fault.UNSURE)
        return told

    def list_texts(self, text: OutgoingText, since: datetime) -> set[str]:
        """The ids of all texts with these numbers and these words that were created since then.

        Raises CarrierError, `LATER` when there was no answer, `UNSURE` when the list is longer than one page.
        """
        # Twilio documents days only; the moment itself is compared here. Its clock tells whole seconds.
        asked = {"To": text.recipient, "From": text.sender, "DateSent>": f"{since.astimezone(UTC):%Y-%m-%d}",
                 "PageSize": str(LONGEST_LIST)}
        answer = self._ask(f"/Messages.json?{urlencode(asked)}", SEND_SECONDS)
        told = answer.read_object()
        listed = told.get("messages")
        if answer.status != 200 or not isinstance(listed, list) or told.get("next_page_uri"):
            raise CarrierError(UNREADABLE, Fault.UNSURE if answer.status == 200 else Fault.LATER)
        return {str(one["sid"]) for one in listed if isinstance(one, dict) and _is_it(one, text, since)}

    def check_account(self) -> str:
        """The balance of an account that is active, such as "12.50 USD", empty if it is not told. Raises CarrierError.

        A key may often send and not read the account: then one that can read a text is as good.
        """
        answer = self._ask(".json", SEND_SECONDS / 3)
        if self._by_key and answer.status in {401, 403, 404}:
            answer = self._ask("/Messages.json?PageSize=1", SEND_SECONDS / 3)
        if answer.status != 200:
            raise read_refusal(answer)
        told = answer.read_object()
        if told.get("status", "active") != "active":
            raise CarrierError(ACCOUNT, Fault.ACCOUNT)
        if not ("sid" in told or "messages" in told):
            raise CarrierError(UNREADABLE, Fault.ACCOUNT)
        return self._balance()

    def _balance(self) -> str:
        """The balance; empty at carriers and for subaccounts that have none."""
        try:
            told = self._ask("/Balance.json", SEND_SECONDS / 3).read_object()
        except CarrierError:
            return ""
        amount, currency = str(told.get("balance", "")), str(told.get("currency", "")).upper()
        return f"{float(amount):.2f} {currency}" if _AMOUNT.fullmatch(amount) and _CURRENCY.fullmatch(currency) else ""

    def _ask(self, path: str, seconds: float) -> HttpAnswer:
        """Read something; without an answer nothing is unclear."""
        try:
            return self._http.ask("GET", self._account + path, headers=self._headers, seconds=seconds)
        except CarrierError as error:
            raise CarrierError(error.code, Fault.LATER) from None


def read_refusal(answer: HttpAnswer) -> CarrierError:
    """What an answer other than 2xx means. What Twilio did not look at is 429 alone; after 5xx it may have the text."""
    told = str(answer.read_object().get("code", ""))
    fault = _fault_of_refusal(answer.status, told)
    if answer.status == 429:
        return CarrierError(TOO_FAST_CODE, fault)
    if answer.status in {401, 403} and fault is Fault.ACCOUNT:
        return CarrierError(ACCOUNT, fault)
    word = told if told == TRIAL_CODE else find_word("twilio", told)
    return CarrierError(word or find_word("twilio", str(answer.status)), fault)


def _fault_of_refusal(status: int, told: str) -> Fault:
    rows = (
        (status == 429, Fault.LATER),
        (status >= 500 or status == 408, Fault.UNSURE),
        # An answer of another kind, or a redirect that nobody follows, comes from a wrong address.
        (status < 400 or told in SETUP_CODES, Fault.ACCOUNT),
        (told == TRIAL_CODE, Fault.TEXT),
        (("twilio", told) in WORD_OF_CODE, FAULT_OF_WORD.get(find_word("twilio", told), Fault.TEXT)),
        (status in SETUP_STATUSES, Fault.ACCOUNT),
    )
    return next((fault for holds, fault in rows if holds), Fault.TEXT)


def _is_it(one: Mapping[str, Any], text: OutgoingText, since: datetime) -> bool:
    """Whether a text of the list has these words and numbers and is not older."""
    same = (one.get("body"), one.get("to"), one.get("from")) == (text.body, text.recipient, text.sender)
    if not same or not one.get("sid") or not str(one.get("direction", "")).startswith("outbound"):
        return False
    try:
        created = parsedate_to_datetime(str(one.get("date_created")))
    except ValueError:
        return False
    return (created if created.tzinfo else created.replace(tzinfo=UTC)) >= since.replace(microsecond=0)
