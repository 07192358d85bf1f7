"""The form that takes a file of users."""

from flask_babel import lazy_gettext
from flask_wtf.file import FileField, FileRequired

from portal.web.forms import Form


class ImportUploadForm(Form):
    """A file to look at; nothing is imported yet."""

    file = FileField(lazy_gettext("CSV file"), [FileRequired(lazy_gettext("Choose a file."))])
