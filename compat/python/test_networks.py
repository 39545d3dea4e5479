"""The network of a data source through the VPC clients: VPCs, subnets, route tables, tags, and what a connection holds."""

import calls
import huaweicloudsdkvpc.v2 as vpc
import huaweicloudsdkvpc.v3 as vpc3
import pytest
from calls import run
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException


@pytest.fixture(scope="module")
def networks(target):
    return calls.client_of(target, calls.keys_of(target), kind=vpc.VpcClient)


@pytest.fixture
def new_vpc(networks, new_name):
    """Makes VPCs; what a test leaves behind is deleted with everything in it."""
    made = []

    def make(cidr="192.168.0.0/16", **fields):
        option = vpc.CreateVpcOption(**{"name": new_name(), "cidr": cidr} | fields)
        made.append(run(networks, "CreateVpc", body=vpc.CreateVpcRequestBody(vpc=option)).vpc)
        return made[-1]

    yield make
    for it in made:
        try:
            clear(networks, it.id)
        except ClientRequestException as gone:
            assert gone.status_code == 404, gone


def clear(networks, vpc_id):
    for subnet in run(networks, "ListSubnets", vpc_id=vpc_id).subnets:
        run(networks, "DeleteSubnet", vpc_id=vpc_id, subnet_id=subnet.id)
    for table in run(networks, "ListRouteTables", vpc_id=vpc_id).routetables:
        if not table.default:
            run(networks, "DeleteRouteTable", routetable_id=table.id)
    run(networks, "DeleteVpc", vpc_id=vpc_id)


def new_subnet(networks, vpc_id, cidr="192.168.1.0/24", **fields):
    option = vpc.CreateSubnetOption(**{"name": "data", "cidr": cidr, "vpc_id": vpc_id, "gateway_ip": None} | fields)
    return run(networks, "CreateSubnet", body=vpc.CreateSubnetRequestBody(subnet=option)).subnet


def test_a_vpc_is_made_listed_changed_and_deleted(target, networks, new_vpc):
    made = new_vpc(description="for data", tags=["env*test"])
    assert (made.status, made.cidr, made.tenant_id) == ("OK", "192.168.0.0/16", target.project_id)
    assert run(networks, "ShowVpc", vpc_id=made.id).vpc == made
    assert [it.id for it in run(networks, "ListVpcs", id=made.id, limit=10).vpcs] == [made.id]
    assert made.id in [it.id for it in run(networks, "ListVpcs").vpcs]
    option = vpc.UpdateVpcOption(description="for more", cidr="192.168.0.0/20")
    changed = run(networks, "UpdateVpc", vpc_id=made.id, body=vpc.UpdateVpcRequestBody(vpc=option)).vpc
    assert (changed.name, changed.description, changed.cidr) == (made.name, "for more", "192.168.0.0/20")
    assert run(networks, "DeleteVpc", vpc_id=made.id).status_code == 204
    with pytest.raises(ClientRequestException) as gone:
        run(networks, "ShowVpc", vpc_id=made.id)
    assert gone.value.status_code == 404


def test_version_three_shows_the_same_vpc(target, networks, new_vpc):
    made = new_vpc(tags=["env*test"])
    new_subnet(networks, made.id)
    shown = run(calls.client_of(target, calls.keys_of(target), kind=vpc3.VpcClient), "ShowVpc", vpc_id=made.id).vpc
    assert (shown.id, shown.cidr, shown.status, shown.project_id) == (made.id, made.cidr, "ACTIVE", target.project_id)
    assert {it.resource_type: it.resource_count for it in shown.cloud_resources} == {"routetable": 1, "virsubnet": 1}
    assert [(tag.key, tag.value) for tag in shown.tags] == [("env", "test")]


def test_a_subnet_keeps_what_was_said_of_it(networks, new_vpc):
    vpc_id = new_vpc().id
    ntp = vpc.ExtraDhcpOption(opt_name="ntp", opt_value="192.168.1.3")
    servers = ["192.168.1.2", "192.168.1.4"]
    made = new_subnet(networks, vpc_id, gateway_ip="192.168.1.9", dns_list=servers, extra_dhcp_opts=[ntp])
    assert (made.status, made.vpc_id, made.gateway_ip, made.dns_list) == ("ACTIVE", vpc_id, "192.168.1.9", servers)
    assert made.neutron_network_id == made.id
    assert run(networks, "ShowSubnet", subnet_id=made.id).subnet == made
    assert [it.id for it in run(networks, "ListSubnets", vpc_id=vpc_id).subnets] == [made.id]
    body = vpc.UpdateSubnetRequestBody(subnet=vpc.UpdateSubnetOption(name="new", dhcp_enable=False, dns_list=[]))
    changed = run(networks, "UpdateSubnet", vpc_id=vpc_id, subnet_id=made.id, body=body)
    assert (changed.subnet.id, changed.subnet.status) == (made.id, "ACTIVE")
    shown = run(networks, "ShowSubnet", subnet_id=made.id).subnet
    assert (shown.name, shown.dhcp_enable, shown.dns_list, shown.gateway_ip) == ("new", False, [], "192.168.1.9")
    assert run(networks, "DeleteSubnet", vpc_id=vpc_id, subnet_id=made.id).status_code == 204
    assert run(networks, "ListSubnets", vpc_id=vpc_id).subnets == []


@pytest.mark.parametrize(
    ("cidr", "status", "code"),
    [("10.0.0.0/24", 400, "VPC.0203"), ("192.168.1.128/25", 400, "VPC.0204"), ("192.168.1.0", 400, "VPC.0204")],
)
def test_a_subnet_lies_in_its_vpc_and_beside_the_others(networks, new_vpc, refused, cidr, status, code):
    vpc_id = new_vpc().id
    new_subnet(networks, vpc_id)
    refused(status, code, new_subnet, networks, vpc_id, cidr)


def test_what_is_not_there_is_unknown(networks, refused):
    nobody = "2a620c33-5609-40c9-affd-2b6453071b0f"
    refused(404, "VPC.0003", run, networks, "ShowVpc", vpc_id=nobody)
    refused(404, "VPC.0202", run, networks, "ShowSubnet", subnet_id=nobody)
    refused(404, "VPC.0202", run, networks, "ShowRouteTable", routetable_id=nobody)
    refused(404, "VPC.0003", new_subnet, networks, nobody)
    refused(404, "VPC.0003", run, networks, "ShowVpcTags", vpc_id=nobody)


def test_subnets_use_one_route_table_each(networks, new_vpc, refused):
    vpc_id = new_vpc().id
    subnet_id = new_subnet(networks, vpc_id).id
    (default,) = run(networks, "ListRouteTables", vpc_id=vpc_id).routetables
    assert default.default is True and [it.id for it in default.subnets] == [subnet_id]
    route = vpc.RouteTableRoute(type="ecs", destination="10.1.0.0/16", nexthop="e", description="there")
    new = vpc.CreateRouteTableReq(name="custom", vpc_id=vpc_id, routes=[route])
    table = run(networks, "CreateRouteTable", body=vpc.CreateRoutetableReqBody(routetable=new)).routetable
    assert (table.default, table.subnets, table.routes) == (False, [], [route])

    def change(operation, **subnets):
        body = vpc.RoutetableAssociateReqbody(
            routetable=vpc.AsscoiateReq(subnets=vpc.AssociateRouteTableAndSubnetReq(**subnets))
        )
        return [it.id for it in run(networks, operation, routetable_id=table.id, body=body).routetable.subnets]

    assert change("AssociateRouteTable", associate=[subnet_id]) == [subnet_id]
    assert [it.id for it in run(networks, "ListRouteTables", subnet_id=subnet_id).routetables] == [table.id]
    refused(409, "VPC.0104", run, networks, "DeleteRouteTable", routetable_id=table.id)
    assert change("DisassociateRouteTable", disassociate=[subnet_id]) == []
    assert run(networks, "DeleteRouteTable", routetable_id=table.id).status_code == 204
    refused(409, "VPC.0104", run, networks, "DeleteRouteTable", routetable_id=default.id)


def test_routes_of_a_table_are_added_changed_and_deleted(networks, new_vpc):
    vpc_id = new_vpc().id
    (default,) = run(networks, "ListRouteTables", vpc_id=vpc_id).routetables

    def change(**routes):
        change = vpc.UpdateRouteTableReq(name="new", routes=vpc.RouteTableRouteAction(**routes))
        body = vpc.UpdateRoutetableReqBody(routetable=change)
        shown = run(networks, "UpdateRouteTable", routetable_id=default.id, body=body).routetable
        return [(it.destination, it.nexthop) for it in shown.routes]

    to = {"type": "ecs", "destination": "10.1.0.0/16"}
    assert change(add=[vpc.AddRouteTableRoute(nexthop="a", **to)]) == [("10.1.0.0/16", "a")]
    assert change(mod=[vpc.ModRouteTableRoute(nexthop="b", **to)]) == [("10.1.0.0/16", "b")]
    assert change(_del=[vpc.DelRouteTableRoute(nexthop="b", **to)]) == []
    assert run(networks, "ShowRouteTable", routetable_id=default.id).routetable.name == "new"


@pytest.mark.parametrize("kind", ["Vpc", "Subnet"])
def test_tags_are_set_shown_and_taken_away(networks, new_vpc, kind):
    vpc_id = new_vpc().id
    of = {"vpc_id": vpc_id} if kind == "Vpc" else {"subnet_id": new_subnet(networks, vpc_id).id}

    def change(action, *pairs):
        tags = [vpc.ResourceTag(key=key, value=value) for key, value in pairs]
        body = getattr(vpc, f"Batch{action}{kind}TagsRequestBody")(action=action.lower(), tags=tags)
        assert run(networks, f"Batch{action}{kind}Tags", body=body, **of).status_code == 204
        return [(tag.key, tag.value) for tag in run(networks, f"Show{kind}Tags", **of).tags]

    assert change("Create", ("env", "test"), ("k", "")) == [("env", "test"), ("k", "")]
    assert change("Create", ("env", "prod")) == [("env", "prod"), ("k", "")]
    assert change("Delete", ("env", "prod"), ("never", "")) == [("k", "")]


def test_a_network_that_a_peer_leads_to_stays(client, networks, new_vpc, new_connection, new_name, refused):
    vpc_id = new_vpc().id
    subnet_id = new_subnet(networks, vpc_id).id
    queue = new_name()
    calls.create_queue(client, queue)
    connection_id = new_connection(dest_vpc_id=vpc_id, dest_network_id=subnet_id, queues=[queue])
    assert [peer.status for peer in calls.peers_of(calls.settled(client, connection_id))] == ["ACTIVE"]
    refused(409, "VPC.0104", run, networks, "DeleteSubnet", vpc_id=vpc_id, subnet_id=subnet_id)
    refused(409, "VPC.0104", run, networks, "DeleteVpc", vpc_id=vpc_id)
    calls.unbind(client, connection_id, queues=[queue])
    assert run(networks, "DeleteSubnet", vpc_id=vpc_id, subnet_id=subnet_id).status_code == 204
    calls.delete_queue(client, queue)


def test_addresses_that_overlap_a_known_subnet_fail(client, networks, new_vpc, new_connection, new_name):
    vpc_id = new_vpc("10.9.0.0/16").id
    subnet_id = new_subnet(networks, vpc_id, "10.9.1.0/24").id
    pool = new_name()
    calls.create_pool(client, pool, cidr_in_vpc="10.9.0.0/18")
    connection_id = new_connection(dest_vpc_id=vpc_id, dest_network_id=subnet_id, elastic_resource_pools=[pool])
    (peer,) = calls.peers_of(calls.settled(client, connection_id))
    assert peer.status == "FAILED" and "10.9.0.0/18" in peer.err_msg and "10.9.1.0/24" in peer.err_msg, peer
    calls.unbind(client, connection_id, elastic_resource_pools=[pool])
    calls.delete_pool(client, pool)


def test_a_connection_names_a_subnet_of_the_vpc_it_names(networks, new_vpc, new_connection, refused):
    one, other = new_vpc().id, new_vpc().id
    subnet_id = new_subnet(networks, one).id
    error = refused(400, "DLI.0001", new_connection, dest_vpc_id=other, dest_network_id=subnet_id)
    assert one in error.error_msg and other in error.error_msg
