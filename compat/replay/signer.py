"""SDK-HMAC-SHA256 out of the standard library, written apart from the server so that the two check each other.

The rules: the path is decoded as a whole, split at `/`, encoded again and ends with `/`; the query's pairs are decoded,
sorted by name and value and encoded again, always with `=`; the key is the secret as it is, without any derivation.
"""

import hashlib
import hmac
from urllib.parse import quote, unquote_plus, unquote_to_bytes

ALGORITHM = "SDK-HMAC-SHA256"
UNRESERVED = "-_.~"


def canonical_uri(path: str) -> str:
    decoded = unquote_to_bytes(path)
    encoded = "/".join(quote(segment, safe=UNRESERVED) for segment in decoded.split(b"/"))
    return encoded if encoded.endswith("/") else encoded + "/"


def canonical_query(query: str) -> str:
    items = [item.partition("=") for item in query.split("&") if item]
    pairs = sorted((_decoded(name), _decoded(value)) for name, _, value in items)
    return "&".join(f"{quote(name, safe=UNRESERVED)}={quote(value, safe=UNRESERVED)}" for name, value in pairs)


def _decoded(text: str) -> bytes:
    return unquote_plus(text, encoding="utf-8", errors="surrogateescape").encode("utf-8", "surrogateescape")


def canonical_request(method: str, target: str, headers: dict, signed: list[str], body: bytes) -> str:
    """`headers` has lower-case names; `signed` says which of them are signed, in order."""
    path, _, query = target.partition("?")
    lines = [method, canonical_uri(path), canonical_query(query)]
    lines += [f"{name}:{headers[name].strip()}" for name in signed]
    lines += ["", ";".join(signed), payload_hash(headers, body)]
    return "\n".join(lines)


def payload_hash(headers: dict, body: bytes) -> str:
    declared = headers.get("x-sdk-content-sha256")
    return declared if declared and body else hashlib.sha256(body).hexdigest()


def string_to_sign(date: str, canonical: str) -> str:
    return f"{ALGORITHM}\n{date}\n{hashlib.sha256(canonical.encode()).hexdigest()}"


def authorization(access_key: str, secret_key: str, signed: list[str], text: str) -> str:
    signature = hmac.new(secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Access={access_key}, SignedHeaders={';'.join(signed)}, Signature={signature}"


def sign(request, access_key: str, secret_key: str, signed: list[str]) -> str:
    """The Authorization header of a request with `method`, `target`, `headers` (a list of pairs) and `body`."""
    headers = {name.lower(): value for name, value in request.headers}
    canonical = canonical_request(request.method, request.target, headers, signed, request.body)
    return authorization(access_key, secret_key, signed, string_to_sign(headers["x-sdk-date"], canonical))
