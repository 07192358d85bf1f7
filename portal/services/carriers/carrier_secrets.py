"""The secrets of carriers: encrypted with CARRIER_KEY before they reach the database, never shown again.

The key is in no backup. A database that was put back on another machine holds secrets that nobody can read: such a
carrier needs its secrets again, and its texts wait.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from portal.extensions import current_settings


def encrypt_secrets(secrets: Mapping[str, str]) -> bytes:
    """The secrets by the names of their fields, encrypted with the first of the keys."""
    return _keys().encrypt(json.dumps(dict(secrets)).encode())


def decrypt_secrets(stored: bytes | None) -> dict[str, str] | None:
    """What was encrypted; None where there is nothing, or nothing that one of the keys opens."""
    if stored is None:
        return None
    try:
        told = json.loads(_keys().decrypt(stored))
    except (InvalidToken, ValueError):
        return None
    return {str(name): str(value) for name, value in told.items()}


def derive_hook_keys(ref: str) -> list[bytes]:
    """The keys for what the portal itself puts into the webhook address of one carrier, 32 bytes each.

    The first signs. What one of the others signed is still on its way while CARRIER_KEY is exchanged.
    """
    return [hmac.digest(key.encode(), f"hook of carrier {ref}".encode(), hashlib.sha256) for key in _typed_keys()]


def _keys() -> MultiFernet:
    return MultiFernet([_fernet(key) for key in _typed_keys()])


def _typed_keys() -> list[str]:
    return [key.strip() for key in current_settings().carrier_key.split(",") if key.strip()]


def _fernet(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hmac.digest(key.encode(), b"secrets of carriers", hashlib.sha256)))
