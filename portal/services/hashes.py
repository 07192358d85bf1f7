"""Keyed hashes that stand for numbers and addresses: equal ones are recognized, nobody reads them back."""

import hashlib
import hmac

from flask import current_app


def of(said: str, purpose: str) -> str:
    """HMAC-SHA-256 as 64 hex digits under the portal's number key; "" for "".

    `purpose` keeps hashes of the same number for different ends apart.
    """
    if not said:
        return ""
    key = current_app.config["SETTINGS"].number_key.encode()
    return hmac.new(key, f"{purpose}:{said}".encode(), hashlib.sha256).hexdigest()
