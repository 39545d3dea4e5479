"""The served OpenAPI document against the server, with generated data: good data, and data that breaks the document.

Whatever comes in, the answer is one that the document has: its status, its content type, its shape, and never a 5xx; and
what breaks the document is refused, but by the few operations that `FORGIVING` names with the reason. What is generated
follows from the document alone, so a run today and one tomorrow send the same.
"""

import os

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi import checks as conformance
from signer import sign
from target import TargetMissing, from_environment
from wire import Request, Wire, timestamp

DOCUMENT = "/linkspan/v1/openapi.json"
# Of each operation, beside those that the document's own examples and bounds give.
EXAMPLES = int(os.environ.get("LINKSPAN_SCHEMA_EXAMPLES", "10"))
TIMEOUT_S = 60
CHECKS = [
    not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_headers_conformance,
    conformance.response_schema_conformance,
]
FAULTS = "ReplaceFaults"
TOKENS = "KeystoneCreateUserTokenByPassword"
# Operations that may answer 2xx to what breaks the document.
FORGIVING = {
    "Import": "says of each thing by itself what is wrong with it",
    "Preflight": "says what the call would be refused for",
    TOKENS: "reads the method and the scope that it goes by, and nothing beside them",
}


class Signature(requests.auth.AuthBase):
    """Signs what is about to be sent, whatever was generated."""

    def __init__(self, target):
        self.target = target

    def __call__(self, prepared):
        body = prepared.body or b""
        body = body.encode() if isinstance(body, str) else body
        headers = [("Host", requests.utils.urlparse(prepared.url).netloc), ("X-Sdk-Date", timestamp())]
        request = Request(prepared.method, prepared.path_url, headers, body)
        prepared.headers["X-Sdk-Date"] = headers[1][1]
        keys = (self.target.access_key, self.target.secret_key)
        prepared.headers["Authorization"] = sign(request, *keys, ["host", "x-sdk-date"])
        return prepared


def loaded():
    try:
        target = from_environment()
    except TargetMissing as missing:
        pytest.exit(str(missing), returncode=2)
    answer = requests.get(target.endpoint + DOCUMENT, timeout=TIMEOUT_S)
    assert answer.status_code == 200, answer.text
    schema = schemathesis.openapi.from_dict(answer.json(), config=SchemathesisConfig())
    schema.config.generation.modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    schema.config.generation.with_security_parameters = False
    if target.login is None:
        # Wrong passwords are answered later and later, on purpose, and a server that is only named tells no right one.
        schema = schema.exclude(operation_id=TOKENS)
    return target, schema


TARGET, SCHEMA = loaded()
SIGNATURE = Signature(TARGET)


class Known:
    """Things that exist, so that generated calls get past the look-up of what their path names."""

    def __init__(self, wire, run_id):
        self.wire = wire
        self.names = {"project_id": TARGET.project_id, "queue_name": f"schema_{run_id}", "name": f"schema_{run_id}"}
        self.make()

    def make(self):
        """Makes what is missing; what is there already is refused as such, which is fine."""
        queue = {"queue_name": self.names["queue_name"], "cu_count": 16, "resource_mode": 1}
        self.wire.attempt("POST", "/v1.0/{}/queues", queue)
        self.make_network()
        body = {"name": self.names["name"], "dest_vpc_id": "v", "dest_network_id": "n"}
        answer = self.wire.attempt("POST", self.wire.connections, body)
        if answer.status == 201:
            self.names["connection_id"] = answer.json()["connection_id"]

    def make_network(self):
        """A VPC, which a subnet keeps from being deleted, with its default route table."""
        if "vpc_id" in self.names:
            return
        vpc = {"vpc": {"name": self.names["name"], "cidr": "192.168.0.0/16"}}
        vpc_id = self.names["vpc_id"] = self.wire.call("POST", "/v1/{}/vpcs", vpc)["vpc"]["id"]
        subnet = {"subnet": {"name": "schema", "cidr": "192.168.0.0/24", "vpc_id": vpc_id}}
        self.subnet_id = self.wire.call("POST", "/v1/{}/subnets", subnet)["subnet"]["id"]
        (table,) = self.wire.call("GET", f"/v1/{{}}/routetables?vpc_id={vpc_id}")["routetables"]
        self.names["routetable_id"] = table["id"]

    def clear(self):
        vpc_id = self.names["vpc_id"]
        self.wire.attempt("DELETE", f"/v1/{{}}/vpcs/{vpc_id}/subnets/{self.subnet_id}")
        self.wire.attempt("DELETE", f"/v1/{{}}/vpcs/{vpc_id}")
        self.wire.attempt("DELETE", f"/v1.0/{{}}/queues/{self.names['queue_name']}")
        self.wire.attempt("DELETE", f"{self.wire.connections}/{self.names['connection_id']}")


@pytest.fixture(scope="module")
def known(run_id):
    known = Known(Wire(TARGET), run_id)
    yield known
    known.clear()


@pytest.fixture(scope="module")
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


def without_nulls(value):
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def breaks_by_null_alone(case):
    """Whether the body is good but for members that are null: they count as absent, since SDKs write so what nobody set."""
    if case.meta is None or not case.meta.is_negative_at(ParameterLocation.BODY):
        return False
    good = without_nulls(case.body)
    return good != case.body and any(body.get_validator().is_valid(good) for body in case.operation.body)


def log_in(body):
    """Puts the right password where a password is, and leaves what is broken as it is."""
    try:
        user = body["auth"]["identity"]["password"]["user"]
        if not all(isinstance(user[name], str) for name in ("password", "name")):
            return
    except (KeyError, TypeError, IndexError):
        return
    if isinstance(user.get("id", ""), str):
        user.pop("id", None)
    domain = user.get("domain", {})
    if isinstance(domain, dict) and all(isinstance(domain.get(name, ""), str) for name in ("id", "name")):
        user["domain"] = {"name": TARGET.login.domain_name}
    user.update(name=TARGET.login.user_name, password=TARGET.login.password)


@SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_no_call_breaks_the_document(case, known, session):
    # A path that was broken on purpose stays so.
    if case.meta is None or not case.meta.is_negative_at(ParameterLocation.PATH):
        for name in (case.path_parameters or {}).keys() & known.names.keys():
            case.path_parameters[name] = known.names[name]
    operation = case.operation.definition.raw["operationId"]
    if operation == TOKENS:
        log_in(case.body)
    may_pass = operation in FORGIVING or breaks_by_null_alone(case)
    checks = CHECKS if may_pass else [*CHECKS, conformance.negative_data_rejection]
    try:
        case.call_and_validate(TARGET.endpoint, session=session, auth=SIGNATURE, checks=checks, timeout=TIMEOUT_S)
    finally:
        if operation == FAULTS:
            # They would stop the plane for every call that follows.
            known.wire.call("PUT", "/linkspan/v1/admin/plane/faults", {"rules": []})
