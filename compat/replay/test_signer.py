"""The suite's own signer against requests that the vendor's SDK signed: without it, no replay means anything."""

import json
from pathlib import Path

import captures
import pytest
import signer

VECTORS = Path(__file__).parents[2] / "crates" / "signing" / "tests" / "signing-vectors.json"
DATA = json.loads(VECTORS.read_text(encoding="utf-8"))


def resigned(case) -> str:
    """The Authorization header as this signer makes it from what came over the wire."""
    given = case["authorization"]
    signed = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name.lower(): value for name, value in (case["unsigned_headers"] | case["headers"]).items()}
    canonical = signer.canonical_request(case["method"], case["target"], headers, signed, case["body"].encode())
    text = signer.string_to_sign(headers["x-sdk-date"], canonical)
    secret = case.get("server_secret_key", case["secret_key"])
    return signer.authorization(case.get("server_access_key", case["access_key"]), secret, signed, text)


@pytest.mark.parametrize("case", DATA["vectors"], ids=lambda case: case["name"])
def test_a_vector_is_signed_alike(case):
    headers = {name.lower(): value for name, value in (case["unsigned_headers"] | case["headers"]).items()}
    signed = case["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    canonical = signer.canonical_request(case["method"], case["target"], headers, signed, case["body"].encode())
    assert canonical == case["canonical_request"]
    assert signer.string_to_sign(headers["x-sdk-date"], canonical) == case["string_to_sign"]
    assert resigned(case) == case["authorization"]


@pytest.mark.parametrize("case", DATA["derived_cases"], ids=lambda case: f"{case['name']}: {case['why']}")
def test_a_derived_case_is_told_apart(case):
    try:
        same = resigned(case) == case["authorization"]
    except KeyError:
        same = False  # a signed header is not there at all
    assert same == (case["expect"] == "valid-signature")


SIGNED = [capture for file in (captures.PYTHON_SDK, captures.TERRAFORM) for capture in captures.load(file) if capture.signed_headers]


@pytest.mark.parametrize("capture", SIGNED, ids=lambda capture: capture.key)
def test_a_capture_is_signed_alike(capture):
    access_key = dict(capture.headers)["Authorization"].partition("Access=")[2].partition(",")[0]
    expected = dict(capture.headers)["Authorization"]
    assert signer.sign(capture, access_key, captures.SECRET_KEY, capture.signed_headers) == expected
