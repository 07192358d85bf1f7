"""How much a request may bring: pages that take a file take more than a form's 64 kB."""

from flask import request

# Bytes that a request may bring, by view.
UPLOADS = dict.fromkeys(("admin.upload_import_file", "admin.upload_optout_file", "operator.upload_optout_file",
                         "operator.upload_inventory"),
                        10 * 1024 * 1024)
PIECE = 1024 * 1024


def allow_upload() -> None:
    """Pages that take a file take more than a form's 64 kB."""
    if request.endpoint in UPLOADS:
        request.max_content_length = UPLOADS[request.endpoint]
        # The parser holds a piece of a file at a time, which is 64 kB and a little more.
        request.max_form_memory_size = PIECE
