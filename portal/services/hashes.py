"""Hashes: keyed hashes for numbers and addresses, which could be guessed; plain hashes for long random secrets."""

import hashlib
import hmac

from portal.extensions import current_settings


def keyed_hash(value: str, purpose: str) -> str:
    """HMAC-SHA-256 as 64 hex digits under the portal's number key; "" for "".

    `purpose` gives the same number another hash for each use, so that uses cannot be linked.
    """
    if not value:
        return ""
    key = current_settings().number_key.encode()
    return hmac.digest(key, f"{purpose}:{value}".encode(), "sha256").hex()


def token_hash(token: str) -> str:
    """SHA-256, as 64 hex digits, of the secret in a cookie, a link or a report."""
    return hashlib.sha256(token.encode()).hexdigest()
