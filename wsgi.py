"""The application, for gunicorn, the flask command and any other WSGI server."""

import sys

from portal.app import create_app
from portal.config import RefusedSetting

try:
    app = create_app()
except RefusedSetting as refused:
    sys.exit(str(refused))
