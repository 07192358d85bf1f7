"""The portal in the pseudo-locale, as a process for the browser: `python -m tests.browser.pseudo_server`."""

import os
import signal

from werkzeug.serving import make_server

from tests.wording import pseudo
from wsgi import app

if __name__ == "__main__":
    # Who starts in the background of a shell inherits that Ctrl-C is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    pseudo.speak()
    make_server("127.0.0.1", int(os.environ["PORT"]), app, threaded=True).serve_forever()
