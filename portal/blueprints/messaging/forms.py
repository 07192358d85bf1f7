"""Forms of texting."""

import re
import secrets
from typing import Any, NamedTuple, Self

from flask import request
from flask_babel import gettext, lazy_gettext
from wtforms import StringField, TextAreaField

from portal import lengths, wording
from portal.models import KeptDraft
from portal.rules import Act, Decision, numbers
from portal.services.texting import named_numbers
from portal.web.consent_fields import ConsentFields
from portal.web.forms import CarriedField, Form, limit_length
from portal.web.page_order import PageOrder
from portal.web.reader import signed_in_user

SUBMISSION_KEY = re.compile(rf"[\w-]{{16,{lengths.SUBMISSION_KEY}}}")


class TypedText(NamedTuple):
    """What was posted as a text: the number or name, the words and the key, as `NewTextForm` reads the same fields.

    Most texts are sent and nobody sees their form again; then none has to be made.
    """

    number: str
    body: str
    key: str

    @classmethod
    def read(cls) -> "TypedText":
        """What this request posts."""
        number, body, key = (request.form.get(name, "") for name in cls._fields)
        return cls(number, body, key if SUBMISSION_KEY.fullmatch(key) else draw_submission_key())


def draw_submission_key() -> str:
    """A new key for a form."""
    return secrets.token_urlsafe(16)


class TextForm(Form):
    """A text, and the key that makes two submissions of this form one text."""

    # What the rules said to sending it, once that was asked.
    decision: Decision | None = None
    # It shows what the portal kept, and nobody has pressed anything yet.
    from_draft = False
    # What its page sends besides.
    aside = frozenset({"number", "conversation", "seen"})
    body = TextAreaField(lazy_gettext("Message"), render_kw={"rows": 4})
    key = CarriedField()

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        if not SUBMISSION_KEY.fullmatch(self.key.data or ""):
            self.renew()

    def renew(self) -> None:
        """A key for another text."""
        self.key.data = draw_submission_key()

    def go_on_with(self, draft: KeptDraft | None) -> Self:
        """Show a draft, if there is one, and go on with its key; returns the form."""
        if draft is not None:
            self.from_draft, self.body.data, self.key.data = True, draft.body, draft.submission_key
        return self

    def explain(self, decision: Decision) -> None:
        """Every blocking reason; what is wrong with the writer's own number is not said of the recipient's."""
        self.decision = decision
        for reason in decision.blocking:
            told = wording.reason_in_words(reason)
            about = "" if Act.USE in reason.rule.acts else reason.rule.about
            self._say(about, f"{told.sentence} {told.remedy}".strip())


def read_recipient(typed: str) -> tuple[str, str]:
    """The number to text, and what is wrong with a name in its place; a name that is not clear stays as it is."""
    if not named_numbers.is_typed_name(typed):
        return typed, ""
    found, name = named_numbers.numbers_with_name(signed_in_user(), typed), typed[:lengths.TYPED_NUMBER]
    if len(found) == 1:
        return found[0], ""
    if not found:
        return typed, gettext("No number of yours is named %(name)s. Enter a phone number with area code.", name=name)
    listed = ", ".join(numbers.format_number(one) for one in found)
    return typed, gettext("Several numbers are named %(name)s. Enter one: %(numbers)s", name=name, numbers=listed)


class NewTextForm(PageOrder, ConsentFields, TextForm):
    """A text to an outside number, and how its owner agreed, if that is to be written down."""

    shown_first = ("number", "body")
    number = StringField(lazy_gettext("To"), [limit_length(lengths.TYPED_NUMBER)],
                         render_kw={"autocomplete": "off", "list": "named"})
    # What is wrong with a name in place of a number.
    misnamed = ""

    @property
    def to(self) -> str:
        """The number as it was typed, or the one that the member calls by the typed name."""
        number, self.misnamed = read_recipient(self.number.data or "")
        return number

    def explain(self, decision: Decision) -> None:
        """The same; a name that stands for no number has a sentence of its own."""
        super().explain(decision)
        if self.misnamed:
            self.number.errors = [self.misnamed]

    def go_on_with(self, draft: KeptDraft | None) -> Self:
        """The same, with the number as it was typed."""
        if draft is not None:
            self.number.data = draft.typed
        return super().go_on_with(draft)


class ConversationNameForm(Form):
    """What the member calls an outside number."""

    name = StringField(lazy_gettext("Name"), [limit_length(lengths.CONVERSATION_NAME)],
                       render_kw={"autocomplete": "off"})
