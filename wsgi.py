"""The application, for gunicorn, the flask command and any other WSGI server."""

import sys

from portal.app import create_app
from portal.config import Refused

try:
    app = create_app()
except Refused as refused:
    sys.exit(str(refused))
