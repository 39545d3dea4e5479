"""The captured requests: what unmodified clients sent, and what a stub answered them with."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "captures"
PYTHON_SDK = "python-sdk.jsonl"
# One acceptance test of the provider: VPC, subnet and connection, made, changed, imported and destroyed.
TERRAFORM = "terraform-connection-resource.jsonl"
# What the provider did when one answer was changed at a time.
TERRAFORM_STRICTNESS = "terraform-response-strictness.jsonl"

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
        """None of them for a request that was not signed."""
        value = dict(self.headers).get("Authorization")
        if value is None:
            return []
        return value.partition("SignedHeaders=")[2].partition(",")[0].split(";")


def load(file: str = PYTHON_SDK) -> list[Capture]:
    return [_capture(raw) for raw in lines_of(file)]


def lines_of(file: str) -> list[dict]:
    return [json.loads(line) for line in (FOLDER / file).read_text(encoding="utf-8").splitlines()]


def _capture(raw) -> Capture:
    body = base64.b64decode(raw["body_b64"]) if raw["body_b64"] else raw["body"].encode()
    answer = raw["response"].get("body")
    return Capture(
        number=raw["seq"],
        label=raw["label"] or raw["method"].lower(),
        method=raw["method"],
        target=raw["target"],
        headers=tuple((name, value) for name, value in raw["headers"]),
        body=body,
        status=raw["response"]["status"],
        answer=json.loads(answer) if answer else None,
    )
