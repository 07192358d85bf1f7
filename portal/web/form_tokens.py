"""The token of a form, masked anew in every answer.

Pages are compressed, and from their lengths one could guess what stays the same in them. So the token is added to a
pad of random bytes that is used once, and the pad stands before it.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, g
from flask_wtf.csrf import CSRFProtect, generate_csrf

# Drawn anew in each process, so that it stands nowhere else.
NO_TOKEN = secrets.token_urlsafe(24)


class MaskedTokens(CSRFProtect):  # type: ignore[misc]  # it has no types
    """The protection of Flask-WTF, with masked tokens in forms and headers. Takes plain ones as well."""

    def init_app(self, app: Flask) -> None:
        """Protect the application's forms, and give its templates the masked token."""
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = make_form_token
        app.context_processor(lambda: {"csrf_token": make_form_token})

    def _get_csrf_token(self) -> str | None:
        given: str | None = super()._get_csrf_token()
        return given and unmask_token(given)


csrf = MaskedTokens()


def make_form_token() -> str:
    """The token of this answer's forms: the same in all of them, so that it costs its length only once."""
    if "form_token" not in g:
        g.form_token = mask_token(generate_csrf())
    return str(g.form_token)


@contextmanager
def without_token() -> Iterator[str]:
    """Forms that are written inside have this in the place of their token, for which each reader's own is put in."""
    g.form_token = NO_TOKEN
    try:
        yield NO_TOKEN
    finally:
        del g.form_token


def mask_token(token: str) -> str:
    """A one-time pad and the token under it, as letters, digits, - and _."""
    plain = token.encode("ascii")
    pad = secrets.token_bytes(len(plain))
    return urlsafe_b64encode(pad + _add(pad, plain)).decode("ascii").rstrip("=")


def unmask_token(given: str) -> str:
    """The token under its mask. What is not masked, such as a token with its dots, comes back as it is."""
    try:
        both = urlsafe_b64decode(given.encode("ascii") + b"=" * (-len(given) % 4))
        pad, masked = both[:len(both) // 2], both[len(both) // 2:]
        return given if "." in given else _add(pad, masked).decode("ascii")
    except ValueError:
        return given


def _add(pad: bytes, text: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(pad, text, strict=True))
