"""What a sample's request speaks of, made for real before it is sent: each placeholder names one thing.

Everything is made anew for each sample, under names of the run, and only what its placeholders need.
"""

import itertools

GRANTEE = "330e068af1334c9782f4226acc00a2e2"
VPC = {"dest_vpc_id": "22094d8f-c310-4621-913d-4c4d655d8495", "dest_network_id": "78f2562a-36e4-4b39-95b9-f5aab22e1281"}
QUEUES = "/v1.0/{}/queues"
POOLS = "/v3/{}/elastic-resource-pools"


class Furniture:
    """Makes what a placeholder names when it is first asked for."""

    def __init__(self, wire, prefix: str):
        self.wire, self.prefix = wire, prefix
        self._numbers = itertools.count(1)
        self._made, self._undo = {}, []

    def of(self, placeholder: str) -> str:
        if placeholder not in self._made:
            self._made[placeholder] = getattr(self, f"_{placeholder}")()
        return self._made[placeholder]

    def clear(self):
        """Deletes in the opposite order; what the sample itself has deleted is gone, which is fine."""
        for method, path in reversed(self._undo):
            self.wire.attempt(method, path)
        for vpc in self.wire.call("GET", "/v1/{}/vpcs")["vpcs"]:
            if vpc["name"].startswith(self.prefix):
                self._clear_network(vpc["id"])

    def _clear_network(self, vpc_id):
        """A VPC with what is in it: it can't go before that."""
        for subnet in self.wire.call("GET", f"/v1/{{}}/subnets?vpc_id={vpc_id}")["subnets"]:
            self.wire.attempt("DELETE", f"/v1/{{}}/vpcs/{vpc_id}/subnets/{subnet['id']}")
        for table in self.wire.call("GET", f"/v1/{{}}/routetables?vpc_id={vpc_id}")["routetables"]:
            if not table["default"]:
                self.wire.attempt("DELETE", f"/v1/{{}}/routetables/{table['id']}")
        self.wire.attempt("DELETE", f"/v1/{{}}/vpcs/{vpc_id}")

    def _call(self, method, path, body=None, undo=None):
        answer = self.wire.call(method, path, body)
        if undo:
            self._undo.append(("DELETE", undo))
        return answer

    def _new_name(self):
        name = f"{self.prefix}_{next(self._numbers)}"
        for path in (f"{QUEUES}/{name}", f"{POOLS}/{name}"):
            self._undo.append(("DELETE", path))
        return name

    def _project_id(self):
        return self.wire.target.project_id

    def _queue(self, **fields):
        name = self._new_name()
        body = {"queue_name": name, "cu_count": 16, "resource_mode": 1} | fields
        self._call("POST", QUEUES, body, f"{QUEUES}/{name}")
        return name

    _queue_name = _free_queue = _queue

    def _queue_with_properties(self):
        name = self._queue()
        self._call("POST", f"/v3/{{}}/queues/{name}/properties", {"properties": {"computeEngine.maxInstance": 2}})
        return name

    def _pool(self):
        name = self._new_name()
        body = {"elastic_resource_pool_name": name, "min_cu": 64, "max_cu": 64}
        self._call("POST", POOLS, body, f"{POOLS}/{name}")
        return name

    _free_pool = _pool

    def _pool_name(self):
        """A pool with a queue in it, which has a scaling policy."""
        pool = self._pool()
        queue = self._made["pooled_queue"] = self._queue(elastic_resource_pool_name=pool)
        policy = {"priority": 1, "impact_start_time": "00:00", "impact_stop_time": "24:00", "min_cu": 16, "max_cu": 16}
        self._call("PUT", f"{POOLS}/{pool}/queues/{queue}", {"queue_scaling_policies": [policy]})
        return pool

    def _pooled_queue(self):
        self.of("pool_name")
        return self._made["pooled_queue"]

    def _connected_name(self):
        self.of("connection_id")
        return self._made["connected_name"]

    def _connection_id(self):
        """A connection with a queue, a pool, hosts, a tag, a route and a grant."""
        hosts = [{"name": "ecs-97f8-0001", "ip": "192.168.0.1"}]
        name = self._made["connected_name"] = self._new_name()
        body = VPC | {"name": name, "hosts": hosts, "tags": [{"key": "env", "value": "test"}]}
        body |= {"queues": [self.of("queue_name")], "elastic_resource_pools": [self.of("pool_name")]}
        connection_id = self._call("POST", self.wire.connections, body)["connection_id"]
        self._undo.append(("DELETE", f"{self.wire.connections}/{connection_id}"))
        self._call("POST", f"{self.wire.connections}/{connection_id}/routes", {"name": "made", "cidr": "10.169.0.0/24"})
        privilege = {"object": f"edsconnections.{connection_id}", "privileges": ["BIND_QUEUE"]}
        grant = {"projectId": GRANTEE, "action": "grant", "privileges": [privilege]}
        self._call("PUT", "/v1.0/{}/authorization", grant)
        return connection_id

    def _route_name(self):
        self.of("connection_id")
        return "made"

    def _task_id(self):
        path = f"{QUEUES}/{self.of('queue_name')}/connection-test"
        return str(self._call("POST", path, {"address": "192.168.0.1:443"})["task_id"])

    def _vpc_id(self):
        """A VPC with a tag."""
        vpc = {"name": self._new_name(), "description": "for data", "cidr": "10.168.0.0/16", "tags": ["key1*value1"]}
        return self._call("POST", "/v1/{}/vpcs", {"vpc": vpc})["vpc"]["id"]

    _free_vpc = _vpc_id

    def _subnet_id(self):
        """A subnet with everything that can be said of one."""
        settings = {"primary_dns": "10.168.1.2", "secondary_dns": "10.168.1.3", "dnsList": ["10.168.1.2", "10.168.1.3"]}
        settings |= {"extra_dhcp_opts": [{"opt_name": "ntp", "opt_value": "10.100.0.33"}], "tags": ["key1*value1"]}
        return self._subnet("10.168.1", settings)

    def _subnet_vpc_id(self):
        """The VPC, with the subnet in it."""
        self.of("subnet_id")
        return self.of("vpc_id")

    def _free_subnet(self):
        return self._subnet("10.168.2", {})

    def _subnet(self, net, settings):
        subnet = {"name": self._new_name(), "cidr": f"{net}.0/24", "gateway_ip": f"{net}.1", "vpc_id": self.of("vpc_id")}
        return self._call("POST", "/v1/{}/subnets", {"subnet": subnet | settings})["subnet"]["id"]

    def _routetable_id(self):
        """A custom route table with a route, which the subnet uses."""
        route = {"type": "ecs", "destination": "10.10.10.0/24", "nexthop": "7c50463d-d36c-4417-aa85-cc11fa10f341"}
        table_id = self._table([route])
        action = {"routetable": {"subnets": {"associate": [self.of("subnet_id")]}}}
        self._call("POST", f"/v1/{{}}/routetables/{table_id}/action", action)
        return table_id

    def _free_table(self):
        return self._table([])

    def _table(self, routes):
        table = {"name": self._new_name(), "vpc_id": self.of("vpc_id"), "routes": routes}
        return self._call("POST", "/v1/{}/routetables", {"routetable": table})["routetable"]["id"]

    def _token(self):
        domain = {"name": self.of("domain_name")}
        user = {"name": self.of("user_name"), "password": self.of("password"), "domain": domain}
        identity = {"methods": ["password"], "password": {"user": user}}
        scope = {"project": {"name": self.of("project_name"), "domain": domain}}
        answer = self.wire.attempt("POST", "/v3/auth/tokens", {"auth": {"identity": identity, "scope": scope}})
        return answer.headers["X-Subject-Token"]

    def _login(self, name):
        return getattr(self.wire.target.login, name)

    def _domain_name(self):
        return self._login("domain_name")

    def _domain_id(self):
        return self._login("domain_id")

    def _project_name(self):
        return self._login("project_name")

    def _user_name(self):
        return self._login("user_name")

    def _password(self):
        return self._login("password")
