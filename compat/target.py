"""The server under test: an address and keys, and nothing else.

They come from the environment (LINKSPAN_ENDPOINT, HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK, LINKSPAN_PROJECT_ID) or from
the credentials file that `linkspan serve` writes (LINKSPAN_CREDENTIALS); a variable wins over the file. Only the file
knows a user and a password, so tests of tokens are skipped without it. A server over HTTPS whose certificate no
authority signed is trusted by LINKSPAN_CA_FILE.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Login:
    """A user's name and password, and the names a token is asked for with."""

    domain_name: str
    user_name: str
    project_name: str
    domain_id: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Target:
    """Where the server is, and a key of one project of it."""

    endpoint: str
    project_id: str
    access_key: str
    secret_key: str = field(repr=False)
    login: Login | None = None
    ca_file: str | None = None

    @property
    def is_encrypted(self) -> bool:
        return self.endpoint.startswith("https:")


class TargetMissing(Exception):
    """The environment does not say which server to test."""


def from_environment(environment=os.environ) -> Target:
    """Reads the target; a missing value is named in the error."""
    path = environment.get("LINKSPAN_CREDENTIALS")
    stored = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}

    def value(variable, key):
        found = environment.get(variable) or stored.get(key)
        if not found:
            raise TargetMissing(f"set {variable}, or LINKSPAN_CREDENTIALS to a credentials file")
        return found

    return Target(
        endpoint=value("LINKSPAN_ENDPOINT", "endpoint").rstrip("/"),
        project_id=value("LINKSPAN_PROJECT_ID", "project_id"),
        access_key=value("HUAWEICLOUD_SDK_AK", "access_key"),
        secret_key=value("HUAWEICLOUD_SDK_SK", "secret_key"),
        login=_login(stored),
        ca_file=environment.get("LINKSPAN_CA_FILE"),
    )


def _login(stored) -> Login | None:
    names = ("domain_name", "user_name", "project_name", "domain_id", "password")
    if not all(stored.get(name) for name in names):
        return None
    return Login(**{name: stored[name] for name in names})
