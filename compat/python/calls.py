"""The calls of the vendor's SDK, each as one function, so that a test reads as what it is about.

Nothing here knows the server: every function does what a user's script would do with the unmodified SDK.
"""

import importlib
import json
import re
import time

import huaweicloudsdkdli.v1 as dli
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.http.http_handler import HttpHandler

VPC = "22094d8f-c310-4621-913d-4c4d655d8495"
SUBNET = "78f2562a-36e4-4b39-95b9-f5aab22e1281"
SETTLED_WITHIN_S = 60
TIMEOUT_S = (5, 90)


class LastAnswer:
    """Keeps the HTTP answer behind the SDK's last response object, which holds neither headers nor unknown fields."""

    def __init__(self):
        self.headers = {}
        self.body = b""

    def remember(self, **kwargs):
        self.headers = kwargs["response"].headers
        self.body = kwargs["response"].content

    def json(self):
        """What came, with the fields that the SDK's model does not know."""
        return json.loads(self.body)


def client_of(target, credentials, last_answer=None, kind=dli.DliClient):
    """A client pointed at the target, as the README shows it; of the DLI service unless another kind is given."""
    return builder_of(target, credentials, last_answer, kind).with_endpoint(target.endpoint).build()


def builder_of(target, credentials, last_answer=None, kind=dli.DliClient):
    """A builder that only lacks the endpoint or the region."""
    handler = HttpHandler()
    if last_answer is not None:
        handler.add_response_handler(last_answer.remember)
    config = HttpConfig.get_default_config()
    config.timeout = TIMEOUT_S
    config.ssl_ca_cert = target.ca_file
    return kind.new_builder().with_credentials(credentials).with_http_config(config).with_http_handler(handler)


def run(client, operation, **fields):
    """Calls an operation by the name that the vendor gave it; its request takes the fields."""
    service = importlib.import_module(type(client).__module__.rpartition(".")[0])
    method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
    return getattr(client, method)(getattr(service, f"{operation}Request")(**fields))


def keys_of(target):
    return BasicCredentials(target.access_key, target.secret_key, target.project_id)


def create(client, name, **fields):
    fields = {"dest_vpc_id": VPC, "dest_network_id": SUBNET} | fields
    body = dli.CreateEnhancedConnectionRequestBody(name=name, **fields)
    return client.create_enhanced_connection(dli.CreateEnhancedConnectionRequest(body=body))


def show(client, connection_id):
    return client.show_enhanced_connection(dli.ShowEnhancedConnectionRequest(connection_id=connection_id))


def list_connections(client, **query):
    return client.list_enhanced_connections(dli.ListEnhancedConnectionsRequest(**query))


def delete(client, connection_id):
    return client.delete_enhanced_connection(dli.DeleteEnhancedConnectionRequest(connection_id=connection_id))


def replace_hosts(client, connection_id, hosts):
    body = dli.UpdateEnhancedConnectionRequestBody(hosts=hosts)
    request = dli.UpdateEnhancedConnectionRequest(connection_id=connection_id, body=body)
    return client.update_enhanced_connection(request)


def bind(client, connection_id, **names):
    body = dli.AssociateQueueToEnhancedConnectionRequestBody(**names)
    request = dli.AssociateQueueToEnhancedConnectionRequest(connection_id=connection_id, body=body)
    return client.associate_queue_to_enhanced_connection(request)


def unbind(client, connection_id, **names):
    body = dli.DisassociateQueueFromEnhancedConnectionRequestBody(**names)
    request = dli.DisassociateQueueFromEnhancedConnectionRequest(connection_id=connection_id, body=body)
    return client.disassociate_queue_from_enhanced_connection(request)


def host(name, ip):
    return dli.EnhancedConnectionHost(name=name, ip=ip)


def tag(key, value=None):
    return dli.Tag(key=key, value=value)


def create_queue(client, name, **fields):
    fields = {"cu_count": 16, "queue_type": "general", "resource_mode": 1} | fields
    body = dli.CreateQueueRequestBody(queue_name=name, **fields)
    return client.create_queue(dli.CreateQueueRequest(body=body))


def list_queues(client, **query):
    return client.list_queues(dli.ListQueuesRequest(**query))


def show_queue(client, name):
    return client.show_queue(dli.ShowQueueRequest(queue_name=name))


def delete_queue(client, name):
    return client.delete_queue(dli.DeleteQueueRequest(queue_name=name))


def create_pool(client, name, **fields):
    fields = {"max_cu": 64, "min_cu": 64} | fields
    body = dli.CreateElasticResourcePoolRequestBody(elastic_resource_pool_name=name, **fields)
    return client.create_elastic_resource_pool(dli.CreateElasticResourcePoolRequest(body=body))


def list_pools(client, **query):
    return client.list_elastic_resource_pools(dli.ListElasticResourcePoolsRequest(**query))


def delete_pool(client, name):
    return client.delete_elastic_resource_pool(dli.DeleteElasticResourcePoolRequest(elastic_resource_pool_name=name))


def peers_of(connection):
    return (connection.available_queue_info or []) + (connection.elastic_resource_pools or [])


def settled(client, connection_id):
    """Waits until no peer is on its way any more, and gives back the connection as it then is."""
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while True:
        connection = show(client, connection_id)
        waiting = [peer.name for peer in peers_of(connection) if peer.status == "CREATING"]
        if not waiting:
            return connection
        assert time.monotonic() < deadline, f"still CREATING after {SETTLED_WITHIN_S} s: {waiting}"
        time.sleep(0.02)
