"""The captured requests: what the unmodified Python SDK sent, and what a stub answered it with."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "captures" / "python-sdk.jsonl"

# What the captures were made with. They are no secrets: a stub on a loopback address was all they ever opened.
PROJECT_ID = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
DOMAIN_ID = "fedcba98765432100123456789abcdef"
CONNECTION_ID = "4c693ecc-bab8-4113-a838-129cedc9a563"
SECRET_KEY = "FakeSecretKeyFakeSecretKeyFakeSecretKey1"


@dataclass(frozen=True)
class Capture:
    """One request and its answer. Headers are in the order they were sent, `Authorization` among them."""

    number: int
    label: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int
    answer: object

    @property
    def key(self) -> str:
        return f"{self.number:02}-{self.label}"

    @property
    def signed_headers(self) -> list[str]:
        value = dict(self.headers)["Authorization"]
        return value.partition("SignedHeaders=")[2].partition(",")[0].split(";")


def load() -> list[Capture]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [_capture(json.loads(line)) for line in lines]


def _capture(raw) -> Capture:
    body = base64.b64decode(raw["body_b64"]) if raw["body_b64"] else raw["body"].encode()
    answer = raw["response"].get("body")
    return Capture(
        number=raw["seq"],
        label=raw["label"],
        method=raw["method"],
        target=raw["target"],
        headers=tuple((name, value) for name, value in raw["headers"]),
        body=body,
        status=raw["response"]["status"],
        answer=json.loads(answer) if answer else None,
    )
