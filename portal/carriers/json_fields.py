"""Reading the JSON that carriers send: what is not as it must be is a ValueError, which says the field and no value."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

JsonObject = Mapping[str, Any]


def read_json_object(body: bytes) -> JsonObject:
    """The object of a body in UTF-8; of a key that stands there twice the first counts. Raises ValueError."""
    told = _read_json(body)
    if not isinstance(told, dict):
        raise ValueError("a webhook that is no object")  # noqa: TRY004 - a wrong value, not a wrong type in our code
    return told


def read_json_list(body: bytes) -> list[JsonObject]:
    """The objects of a body that is a list of them, otherwise as above. Raises ValueError."""
    told = _read_json(body)
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise ValueError("a webhook that is no list of objects")
    return told


def _read_json(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    except RecursionError:
        raise ValueError("a webhook nested too deeply") from None


def object_field(told: JsonObject, key: str) -> JsonObject:
    """An object inside another. Raises ValueError where there is none."""
    part = told.get(key)
    if not isinstance(part, dict):
        raise ValueError(f"a webhook without {key}")  # noqa: TRY004 - a wrong value, not a wrong type in our code
    return part


def list_field(told: JsonObject, key: str) -> list[Any]:
    """A list inside an object, empty where there is none."""
    found = told.get(key)
    return found if isinstance(found, list) else []


def string_field(told: JsonObject, key: str, otherwise: str | None = None) -> str:
    """A string, without halves of characters: no database takes them, and a cut in an emoji makes them.

    Raises ValueError for what is no string, and without `otherwise` for one that is missing or empty.
    """
    words = told.get(key, otherwise)
    words = otherwise if words is None else words
    if not isinstance(words, str) or (otherwise is None and not words):
        raise ValueError(f"a webhook without {key}")
    return _whole_characters(words)


def storable_words(told: str) -> str:
    """Words as every database takes them: without halves of characters and without NUL."""
    return _whole_characters(told).replace("\0", "")


def _whole_characters(told: str) -> str:
    return told.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def moment_of_words(said: object) -> datetime | None:
    """A moment in ISO 8601. The carrier's clock is a hint: what cannot be read or has no zone is none."""
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
