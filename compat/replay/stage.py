"""What a capture speaks of, made for real: its connection, queues and pool under names of this run.

A capture is told of the real things by substitution: whole path segments, whole JSON strings and whole header values
are exchanged, nothing is parsed and written anew, so the bytes stay the SDK's.
"""

import itertools
import json
from dataclasses import dataclass, replace
from urllib.parse import quote

from captures import CONNECTION_ID, DOMAIN_ID, PROJECT_ID
from wire import Wire

VPC = {"dest_vpc_id": "22094d8f-c310-4621-913d-4c4d655d8495", "dest_network_id": "78f2562a-36e4-4b39-95b9-f5aab22e1281"}

# Names that a capture makes, so that they must not be there before.
MADE_BY = {
    "conn.create.minimal": ("test1",),
    "conn.create.full": ("test2",),
    "conn.create.empty-arrays": ("t",),
    "queue.create": ("q1",),
    "pool.create": ("pool_1",),
}
# Captures that end a queue or pool, or need one that is not bound, get one of their own.
OWN_QUEUE = {"queue.delete", "queue.cidr", "pool.add-queue"}
OWN_POOL = {"pool.delete"}
# Captures about a connection that has a route or a grant already.
ROUTED = {"conn.route.v3.delete"}
GRANTED = {"conn.privileges.show", "conn.privileges.update", "conn.privileges.revoke"}
# Captures of the VPC service speak of the network that connections lead to.
NETWORK = ("vpc.", "subnet.", "routetable.")
BOUND = {"conn.disassociate.queues", "conn.disassociate.pools", "conn.show"}


@dataclass
class Stage:
    """Makes things on the server and remembers them, to clear them away at the end."""

    wire: Wire
    run_id: str

    def __post_init__(self):
        self._numbers = itertools.count(1)
        self._queues, self._pools, self._connections = [], [], []
        self._network = None
        self.pool = self.new_pool()
        self.queues = {"q1": self.new_queue(), "q2": self.new_queue()}
        self.standing = self.new_connection(queues=list(self.queues.values()), pools=[self.pool])

    def new_name(self) -> str:
        return f"replay_{self.run_id}_{next(self._numbers)}"

    def new_queue(self) -> str:
        name = self.new_name()
        self._queues.append(name)
        self.wire.call("POST", "/v1.0/{}/queues", {"queue_name": name, "cu_count": 16, "resource_mode": 1})
        return name

    def new_pool(self) -> str:
        name = self.new_name()
        self._pools.append(name)
        # A capture creates a pool with all of 172.16.0.0/12, after which no default network is left.
        cidr = f"10.{len(self._pools)}.0.0/16"
        body = {"elastic_resource_pool_name": name, "min_cu": 64, "max_cu": 64, "cidr_in_vpc": cidr}
        self.wire.call("POST", "/v3/{}/elastic-resource-pools", body)
        return name

    def new_connection(self, queues=(), pools=()) -> str:
        hosts = [{"name": "ecs-97f8-0001", "ip": "192.168.0.167"}]
        body = VPC | {"name": self.new_name(), "queues": queues, "elastic_resource_pools": pools, "hosts": hosts}
        self._connections.append(self.wire.call("POST", self.wire.connections, body)["connection_id"])
        return self._connections[-1]

    def network(self) -> tuple[str, str]:
        """A VPC and a subnet of it, made once."""
        if self._network is None:
            vpc = {"vpc": {"name": self.new_name(), "cidr": "192.168.0.0/16"}}
            vpc_id = self.wire.call("POST", "/v1/{}/vpcs", vpc)["vpc"]["id"]
            subnet = {"subnet": {"name": self.new_name(), "cidr": "192.168.0.0/24", "vpc_id": vpc_id}}
            self._network = vpc_id, self.wire.call("POST", "/v1/{}/subnets", subnet)["subnet"]["id"]
        return self._network

    def names_for(self, capture) -> dict[str, str]:
        """What stands in the capture, and what stands there now."""
        names = dict(self.queues) | {"pool_1": self.pool, CONNECTION_ID: self._connection_for(capture)}
        names |= {name: self.new_name() for name in MADE_BY.get(capture.label, ())}
        if capture.label in OWN_QUEUE:
            names["q1"] = self.new_queue()
        if capture.label in OWN_POOL:
            names["pool_1"] = self.new_pool()
        if capture.label == "queue.create":
            self._queues.append(names["q1"])
        if capture.label == "pool.create":
            self._pools.append(names["pool_1"])
        if capture.label.startswith(NETWORK):
            names |= dict(zip(VPC.values(), self.network()))
        return names | self._identity()

    def adopt(self, answer):
        """Takes a connection that a capture made among those to be cleared away."""
        if isinstance(answer, dict) and "connection_id" in answer:
            self._connections.append(answer["connection_id"])

    def _connection_for(self, capture) -> str:
        speaks_of_it = CONNECTION_ID in capture.target or CONNECTION_ID.encode() in capture.body
        if not speaks_of_it:
            return self.standing
        bound = capture.label in BOUND
        connection = self.new_connection(*((list(self.queues.values()), [self.pool]) if bound else ()))
        if capture.label in ROUTED:
            self.wire.call("POST", f"{self.wire.connections}/{connection}/routes", {"name": "r1", "cidr": "10.1.0.0/16"})
        if capture.label in GRANTED:
            privileges = [{"object": f"edsconnections.{connection}", "privileges": ["BIND_QUEUE"]}]
            grant = {"projectId": "p2", "action": "grant", "privileges": privileges}
            self.wire.call("PUT", "/v1.0/{}/authorization", grant)
        return connection

    def _identity(self) -> dict[str, str]:
        target, names = self.wire.target, {PROJECT_ID: self.wire.target.project_id}
        if target.login is None:
            return names
        login = target.login
        project = {"local-1": login.project_name, "cn-north-4": login.project_name}
        user = {"localdomain": login.domain_name, "alice": login.user_name, "fake-password": login.password}
        return names | project | user | {DOMAIN_ID: login.domain_id}

    def clear(self):
        """Deletes what is left; what a capture has deleted already is answered with an error, which is fine."""
        for connection_id in self._connections:
            self.wire.attempt("DELETE", f"{self.wire.connections}/{connection_id}")
        for name in reversed(self._queues):
            self.wire.attempt("DELETE", f"/v1.0/{{}}/queues/{name}")
        for name in self._pools:
            self.wire.attempt("DELETE", f"/v3/{{}}/elastic-resource-pools/{name}")
        if self._network is not None:
            vpc_id, subnet_id = self._network
            self.wire.attempt("DELETE", f"/v1/{{}}/vpcs/{vpc_id}/subnets/{subnet_id}")
            self.wire.attempt("DELETE", f"/v1/{{}}/vpcs/{vpc_id}")


def substituted(capture, names: dict[str, str]):
    """The capture with every name exchanged for the real one."""
    path, mark, query = capture.target.partition("?")
    for old, new in names.items():
        path = "/".join(quote(new, safe="") if segment == old else segment for segment in path.split("/"))
        query = "&".join(_query_item(item, old, new) for item in query.split("&"))
    headers = tuple((name, names.get(value, value)) for name, value in capture.headers)
    return replace(capture, target=path + mark + query, headers=headers, body=_body(capture.body, names))


def _query_item(item: str, old: str, new: str) -> str:
    name, mark, value = item.partition("=")
    return f"{name}{mark}{quote(new, safe='')}" if value == old else item


def _body(body: bytes, names: dict[str, str]) -> bytes:
    for old, new in names.items():
        body = body.replace(json.dumps(old).encode(), json.dumps(new).encode())
        body = body.replace(f'"edsconnections.{old}"'.encode(), f'"edsconnections.{new}"'.encode())
    return body
