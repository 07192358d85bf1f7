"""What addresses and forms carry, read the same way everywhere."""

from typing import Any

from flask import Flask, Request, abort, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.utils import cached_property

# More than any list holds, and still a number that every database can compare with.
LAST_POSITION = 2**53


class StorableRequest(Request):
    """A request without NUL in what it carries: nobody can type it, and PostgreSQL takes it nowhere, not in a search.

    It is left out of the query, the fields of forms and the names of files. What a file holds stays as it is.
    """

    @cached_property
    def args(self) -> Any:
        """The query."""
        return _without_nul(super().args)

    def _load_form_data(self) -> None:
        if "form" in self.__dict__:
            return
        super()._load_form_data()
        self.__dict__["form"] = _without_nul(self.form)
        for file in self.files.values():
            file.filename = file.filename and file.filename.replace("\0", "")


def _without_nul(carried: Any) -> Any:
    pairs = list(carried.items(multi=True))
    if not any("\0" in name or "\0" in value for name, value in pairs):
        return carried
    return ImmutableMultiDict([(name.replace("\0", ""), value.replace("\0", "")) for name, value in pairs])


def read_storable_requests(app: Flask) -> None:
    """Leave NUL out of what every request carries. An address with NUL in its path leads nowhere."""
    app.request_class = StorableRequest
    app.before_request(_refuse_nul)


def _refuse_nul() -> None:
    if "\0" in request.path:
        abort(404)


def read_list_position(name: str) -> int | None:
    """A position in a list, from the address or the form; None when none was given. Never below 0 or out of range."""
    value = request.values.get(name, type=int)
    return None if value is None else min(max(value, 0), LAST_POSITION)
