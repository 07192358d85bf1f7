"""The alarm about requests on the web: where so many came at once that a person has to look."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template

from portal.services.texting import web_decisions
from portal.services.texting.web_decisions import RequestAlarm

from . import bp


@dataclass(frozen=True, slots=True)
class WebRequestsPage:
    """The organizations in which requests wait, without any number, and after how many days a request counts."""

    alarms: Sequence[RequestAlarm]
    days: int


@bp.get("/web-requests")
def list_web_requests() -> str:
    """Where requests wait for an administrator."""
    return render_template("operator/web_requests.html", page=WebRequestsPage(
        web_decisions.list_request_alarms(), web_decisions.DECIDED_WITHIN.days))
