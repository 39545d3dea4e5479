"""Sends requests byte for byte: the headers given, in their order, and no other."""

import http.client
import json
import ssl
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import urlsplit

from signer import sign

TIMEOUT_S = 90
SIGNED = ["content-type", "host", "x-sdk-date"]


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self):
        return json.loads(self.body) if self.body else None


class Wire:
    """Connections to the target, and requests signed with its keys."""

    def __init__(self, target):
        self.target = target
        self._url = urlsplit(target.endpoint)
        self._trust = ssl.create_default_context(cafile=target.ca_file) if target.is_encrypted else None
        self.connections = "/v2.0/{}/datasource/enhanced-connections"

    @property
    def host(self) -> str:
        return self._url.netloc

    def resend(self, capture) -> Answer:
        """Sends a capture to the target: signed now, for the target's host, over the headers that its client signed."""
        headers = [pair for pair in capture.headers if pair[0] not in ("Authorization", "Content-Length")]
        now = {"Host": self.host, "X-Sdk-Date": timestamp()}
        headers = [(name, now.get(name, value)) for name, value in headers]
        return self.send(Request(capture.method, capture.target, headers, capture.body), capture.signed_headers)

    def call(self, method: str, path: str, body=None):
        """A request of the suite's own, which must succeed; `{}` in the path stands for the project."""
        answer = self.attempt(method, path, body)
        assert 200 <= answer.status < 300, f"{method} {path} answered {answer.status}: {answer.body!r}"
        return answer.json()

    def attempt(self, method: str, path: str, body=None, headers=()) -> Answer:
        content = json.dumps(body).encode() if body is not None else b""
        headers = [("Content-Type", "application/json"), ("Host", self.host), ("X-Sdk-Date", timestamp()), *headers]
        return self.send(Request(method, path.format(self.target.project_id), headers, content), SIGNED)

    def send(self, request: Request, signed: list[str]) -> Answer:
        """Sends a request with a signature over these headers; with none, it goes unsigned."""
        headers = list(request.headers)
        if signed:
            value = sign(request, self.target.access_key, self.target.secret_key, signed)
            headers.append(("Authorization", value))
        if request.body or request.method in ("POST", "PUT"):
            headers.append(("Content-Length", str(len(request.body))))
        return self._send(Request(request.method, request.target, headers, request.body))

    def _send(self, request: Request) -> Answer:
        connection = self._open()
        try:
            connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers:
                connection.putheader(name, value)
            connection.endheaders(request.body or None)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def _open(self) -> http.client.HTTPConnection:
        place = self._url.hostname, self._url.port
        if self._trust is None:
            return http.client.HTTPConnection(*place, timeout=TIMEOUT_S)
        return http.client.HTTPSConnection(*place, timeout=TIMEOUT_S, context=self._trust)


def timestamp() -> str:
    """The time as `X-Sdk-Date` writes it."""
    return datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
