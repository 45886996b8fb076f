"""What every response says to a browser, and which requests are answered at all.

The app has no cookies and no login yet, and nothing it serves changes anything. What is left to
guard is the privacy of the pictures: against other pages in the same browser (no framing, no
reading across origins, no DNS rebinding), and against markup inside names and captions (a strict
policy besides the escaping).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, current_app, request

from .errors import RequestError
from .request_id import request_id

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

HOSTS = "POMONA_HOSTS"  # key in app.config: names that the server answers to
ANY_ADDRESS = "POMONA_ANY_ADDRESS"  # likewise: whether bare IP addresses are answered too
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")

_HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^:\[\]/@\s]+))(?::[0-9]{1,5})?")


def secure(app: Flask, allowed_hosts: Iterable[str]) -> None:
    """Headers on every response, errors included; 400 for a Host that is not ours."""
    app.config[HOSTS] = {*LOCAL_HOSTS, *(host.lower() for host in allowed_hosts)}
    app.config[ANY_ADDRESS] = False
    app.before_request(_check_host)
    app.before_request(_check_query_string)
    app.after_request(_add_headers)


def answer_to(app: Flask, host: str) -> None:
    """The server is bound to `host`. On every interface, any IP address is right: a page that
    rebinds DNS comes with a name."""
    app.config[HOSTS].add(host.strip("[]").lower())
    app.config[ANY_ADDRESS] = host.strip("[]") in ("", "0.0.0.0", "::")


def _check_host() -> None:
    match = _HOST.fullmatch(request.host)
    host = (match["six"] or match["name"]).lower().removesuffix(".") if match else ""
    if host in current_app.config[HOSTS] or (current_app.config[ANY_ADDRESS] and _is_address(host)):
        return
    raise RequestError(
        "bad_host", "this server does not answer to that host name; see allowed_hosts"
    )


def _check_query_string() -> None:
    """Flask would search for the escapes of bytes that are not UTF-8."""
    try:
        unquote_to_bytes(request.query_string).decode("utf-8")
    except UnicodeDecodeError:
        raise RequestError("bad_request", "the query string is not UTF-8") from None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "private, no-cache")
    response.headers["X-Request-Id"] = request_id()
    return response
