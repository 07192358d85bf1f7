"""Files of users, imported to the end as the page and the background process do it together."""

from portal.extensions import db
from portal.services import imports


def import_all(actor, upload, seen=None):
    """Import a file that was checked; what it did."""
    imports.order_import(actor, upload, upload.seal if seen is None else seen)
    work_all()
    return upload.done


def undo_all(actor, upload):
    """Undo an import; what that did."""
    imports.order_undo(actor, upload)
    work_all()
    return upload.done


def work_all():
    """Do what the background process would do."""
    while imports.work_on_imports():
        db.session.rollback()
