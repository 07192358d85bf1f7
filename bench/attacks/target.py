"""The portal that is attacked, and the attackers' browsers over plain HTTP."""

import http.client
import re
import secrets
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode

from tests.browser.portal import PASSWORD, Portal

LONGEST = 120
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Answer(NamedTuple):
    """What came back, and the seconds it took."""

    status: int
    text: str
    headers: Mapping[str, str]
    seconds: float


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other."""

    def redirect_request(self, *_given: Any, **_named: Any) -> None:
        """Not followed."""


class Browser:
    """Cookies of its own, and the token of the page that was read last."""

    def __init__(self, address: str) -> None:
        self.address, self.token, self.made = address, "", ""
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), _Stay())

    def get(self, path: str, **headers: str) -> Answer:
        """Read a page; keyword arguments are headers, with _ for -."""
        return self._ask(path, None, headers)

    def post(self, path: str, form: Mapping[str, str], *, files: bool = False, **headers: str) -> Answer:
        """Send a form with the token at hand, url-encoded, or with `files` as multipart, which takes longer fields."""
        fields = {"csrf_token": self.token, **form}
        if not files:
            return self._ask(path, urlencode(fields).encode(), headers)
        mark = secrets.token_hex(12)
        parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                 for name, value in fields.items()]
        body = "".join((*parts, f"--{mark}--\r\n")).encode()
        return self._ask(path, body, {"Content_Type": f"multipart/form-data; boundary={mark}", **headers})

    def upload(self, path: str, content: bytes) -> Answer:
        """Send a CSV file in a field called file."""
        mark = secrets.token_hex(12)
        head = (f'--{mark}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{self.token}\r\n--{mark}\r\n'
                'Content-Disposition: form-data; name="file"; filename="users.csv"\r\n\r\n')
        body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        return self._ask(path, body, {"Content_Type": f"multipart/form-data; boundary={mark}"})

    def hidden(self, path: str, name: str) -> str:
        """Read a page and take the value of a hidden field out of it."""
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', self.get(path).text)
        return found[1] if found else ""

    def sign_in(self, email: str) -> "Browser":
        """Begin a session through the form."""
        self.get("/sign-in")
        answer = self.post("/sign-in", {"email": email, "password": PASSWORD})
        if answer.status != 303:
            raise SystemExit(f"{email} could not sign in: {answer.status}\n{answer.text}")
        self.get("/account")
        return self

    def _ask(self, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.address + path, body, named)  # noqa: S310 - our own address
        began = time.perf_counter()
        try:
            with self._opener.open(request, timeout=LONGEST) as got:
                status, text, told = got.status, got.read().decode(errors="replace"), got.headers
        except HTTPError as refused:
            status, text, told = refused.code, refused.read().decode(errors="replace"), refused.headers
        took = time.perf_counter() - began
        found = _TOKEN.search(text)
        self.token = found[1] if found else self.token
        return Answer(status, text, told, took)


class Target(Portal):
    """A demo portal of its own, and what is measured of it from outside."""

    def __init__(self, folder: Path, **settings: str) -> None:
        super().__init__(folder, **settings)
        self.flask("db", "upgrade")
        self.flask("demo")
        self.start()

    def browser(self, email: str = "") -> Browser:
        """A stranger's browser, or one in which a demo person is signed in."""
        browser = Browser(self.address)
        return browser.sign_in(email) if email else browser

    def alive(self, patience: float = LONGEST) -> float:
        """Seconds until /health/live has answered; `patience` when it does not within them."""
        link = http.client.HTTPConnection(self.address.removeprefix("http://"), timeout=patience)
        began = time.perf_counter()
        try:
            link.request("GET", "/health/live")
            link.getresponse().read()
        except OSError:
            return patience
        finally:
            link.close()
        return min(time.perf_counter() - began, patience)

    def held_up(self, act: Callable[[], Any]) -> float:
        """The longest that /health/live took while something ran."""
        slowest, done = [self.alive()], threading.Event()

        def look() -> None:
            while not done.wait(0.01):
                slowest.append(self.alive())

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            act()
        finally:
            done.set()
            watcher.join()
        return max(slowest)

    def memory(self) -> float:
        """Megabytes that all processes of the portal hold."""
        if self._child is None:
            return 0
        return sum(_resident(process) for process in _family(self._child.pid)) / 1024


def _family(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    return [process, *(one for child in children for one in _family(int(child)))]


def _resident(process: int) -> int:
    """Kilobytes."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]
