"""Hashes: keyed ones that stand for numbers and addresses, plain ones of secrets that are long enough."""

import hashlib
import hmac

from portal.extensions import current_settings


def keyed_hash(said: str, purpose: str) -> str:
    """HMAC-SHA-256 as 64 hex digits under the portal's number key; "" for "".

    `purpose` keeps hashes of the same number for different ends apart.
    """
    if not said:
        return ""
    key = current_settings().number_key.encode()
    return hmac.new(key, f"{purpose}:{said}".encode(), hashlib.sha256).hexdigest()


def token_hash(token: str) -> str:
    """SHA-256 as 64 hex digits of a secret that somebody holds: of a cookie, a link or a report."""
    return hashlib.sha256(token.encode()).hexdigest()
