"""The Terraform provider's way of calling: what it signs, how it writes bodies, and which answers it takes for good."""

import json

from wire import Answer, Request, Wire, timestamp

AGENT = "terraform-provider-iac golangsdk/2.0.0"
CONNECTIONS = "/v2.0/{}/datasource/enhanced-connections"
AUTHORIZATION = "/v1.0/{}/authorization"


class Provider:
    """Calls as the provider does; `{}` in a path stands for the project."""

    def __init__(self, wire: Wire):
        self.wire = wire
        self.project_id = wire.target.project_id

    def call(self, method: str, path: str, body=None) -> Answer:
        headers = [("Host", self.wire.host), ("User-Agent", AGENT), ("Accept", "application/json")]
        headers += [("X-Project-Id", self.project_id), ("X-Sdk-Date", timestamp()), ("Accept-Encoding", "gzip")]
        signed = ["accept", "user-agent", "x-sdk-date"]
        content = b""
        if body is not None:
            headers.append(("Content-Type", "application/json"))
            signed = ["accept", "content-type", "user-agent", "x-sdk-date"]
            text = json.dumps(body, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
            content = text.encode() + b"\n"
        return self.wire.send(Request(method, path.replace("{}", self.project_id), headers, content), signed)

    def create(self, name: str, **fields) -> Answer:
        body = {"name": name, "dest_vpc_id": "vpc", "dest_network_id": "subnet", "queues": [], "tags": None} | fields
        return self.call("POST", CONNECTIONS, body)

    def show(self, connection_id: str) -> Answer:
        return self.call("GET", f"{CONNECTIONS}/{connection_id}")

    def delete(self, connection_id: str) -> Answer:
        return self.call("DELETE", f"{CONNECTIONS}/{connection_id}")

    def bind(self, connection_id: str, pools: list[str]) -> Answer:
        return self.call("POST", f"{CONNECTIONS}/{connection_id}/associate-queue", {"elastic_resource_pools": pools})

    def add_route(self, connection_id: str, name: str, cidr: str) -> Answer:
        return self.call("POST", f"{CONNECTIONS}/{connection_id}/routes", {"name": name, "cidr": cidr})

    def authorize(self, action: str, connection_id: str, project_id: str) -> Answer:
        privilege = {"object": f"edsconnections.{connection_id}", "privileges": ["BIND_QUEUE"]}
        body = {"action": action, "projectId": project_id, "privileges": [privilege]}
        return self.call("PUT", AUTHORIZATION, body)

    def privileges(self, connection_id: str) -> Answer:
        return self.call("GET", f"{CONNECTIONS}/{connection_id}/privileges")

    def data_source(self, query: str = "") -> list[dict]:
        """Every page, as the data source asks for them: no limit, and an offset of what has come so far."""
        entries = []
        while True:
            offset = f"&offset={len(entries)}" if entries else ""
            answer = self.call("GET", f"{CONNECTIONS}?status=ACTIVE{query}{offset}")
            assert answer.status == 200, answer
            page = answer.json()["connections"]
            if not page:
                return entries
            entries += page
