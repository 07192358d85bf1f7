"""What a person typed into the form that was sent: shown again, or kept, so that nobody types it twice."""

from collections.abc import Iterable

from flask import request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

SECRET = ("csrf_token", "password", "again", "secret")
# The fields of a form whose kind says only when it runs which of them are secret.
SECRET_PREFIX = "secret-"  # noqa: S105 - part of a name
# Nobody types what a form carries along or lets choose.
CARRIED = frozenset({
    "version", "held", "to", "step", "seen", "shown", "next", "word", "on", "locked", "everybody", "notice",
    "made", "category", "stop", "website", "finding", "measure", "whom", "cause", "do", "case", "whose", "state",
    "key", "conversation", "effect", "shown_at",
})
# Too much for a form, but still read, so that the page can show the typed fields again.
READ_BACK = 256 * 1024
# So many fields are handed back, and no form of ours has as many that are typed.
MOST_KEPT, LABEL = 30, 60


def list_typed_fields() -> list[tuple[str, str]]:
    """What was typed, but for secrets, so that nobody types it twice: (name of the field, text)."""
    if request.method == "GET" or request.content_type is None or "form" not in request.content_type:
        return []
    return label_typed_fields(_form())


def label_typed_fields(sent: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of the fields of a form (name, text) those that people type: (name of the field, text)."""
    typed = [(name.rpartition("-")[2], value) for name, value in sent
             if value.strip() and not name.startswith(SECRET_PREFIX)]
    return [(name[:LABEL].replace("_", " ").capitalize(), value) for name, value in typed
            if name not in CARRIED and not is_secret_field(name)][:MOST_KEPT]


def is_secret_field(name: str) -> bool:
    """Whether a field holds what is never shown again."""
    return any(word in name for word in SECRET)


def _form(most: int | None = None) -> list[tuple[str, str]]:
    if most:
        request.max_content_length = request.max_form_memory_size = most
    try:
        return list(request.form.items(multi=True))
    except RequestEntityTooLarge:
        return [] if most else _form(READ_BACK)
    except HTTPException:
        return []
