"""A kind of carrier of the tests, with a field of every kind; what is made of it takes texts as the test says."""

from portal.carriers.base import CarrierCondition
from portal.carriers.kinds import CarrierField, CarrierKind, FieldKind
from tests.services.carrier import Scripted

SETTINGS = {"address": "https://api.example.com", "account": "AC1", "host": "smpp.example.com", "port": "2775",
            "window": "10", "tls": "1", "ids": "as-is", "note": ""}
SECRETS = {"token": "a token of theirs", "signing": ""}
FIELDS = (
    CarrierField("address", "Address", FieldKind.ADDRESS, account=True, default="https://api.example.com"),
    CarrierField("account", "Account name", account=True, longest=20),
    CarrierField("token", "Token", secret=True),
    CarrierField("signing", "Signing key", secret=True, required=False),
    CarrierField("host", "Host", FieldKind.HOST, account=True, required=False),
    CarrierField("port", "Port", FieldKind.PORT, account=True, default="2775"),
    CarrierField("window", "Window", FieldKind.NUMBER, default="10", longest=3),
    CarrierField("tls", "Use TLS", FieldKind.SWITCH, account=True, default="1", required=False),
    CarrierField("ids", "Ids in receipts", FieldKind.CHOICE, default="as-is",
                 choices=(("as-is", "As in the answer"), ("hex", "Hexadecimal"))),
    CarrierField("note", "Certificate", required=False, longest=2000),
)


class Recorded(Scripted):
    """Takes texts; `answers` is what the next look at it brings: a condition, or an error to raise."""

    answers = CarrierCondition("12.50 USD")

    def __init__(self, setup):
        super().__init__()
        if setup.settings.get("window") == "999":
            raise ValueError("too much")
        self.setup, self.ref = setup, setup.ref

    def check(self):
        if isinstance(self.answers, Exception):
            raise self.answers
        return self.answers


KIND = CarrierKind("recorded", "Recorded", Recorded, FIELDS)
